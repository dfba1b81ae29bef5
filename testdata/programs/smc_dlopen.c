// Libraries loaded and unloaded again and again, in turn, so that other code comes to the same addresses.
#include "prog.h"
#include <dlfcn.h>

int main(void)
{
	double sum = 0;
	int loaded = 0;
	for (int i = 0; i < 60; i++) {
		void *m = dlopen("libm.so.6", RTLD_NOW);
		double (*f)(double) = dlsym(m, i & 1 ? "cos" : "sqrt");
		sum += f(i);
		dlclose(m);
		m = dlopen("libresolv.so.2", RTLD_NOW);
		loaded += m != 0 && dlsym(m, "no such symbol") == 0;
		dlclose(m);
	}
	printf("%.12f %d\n", sum, loaded);
	void *m = dlopen("libm.so.6", RTLD_NOW | RTLD_NOLOAD);
	printf("unloaded %d\n", m == 0);
	printf("%s\n", dlopen("libdoesnotexist.so", RTLD_NOW) ? "loaded" : "not loaded");
}
