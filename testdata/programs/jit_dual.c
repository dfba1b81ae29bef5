// Dual mapping: code is written through one mapping of a memfd and executed through another.
#include "jit.h"

int main(void)
{
	int fd = must(memfd_create("code", 0), "memfd_create");
	must(ftruncate(fd, 4 * PAGE), "ftruncate");
	unsigned char *rw = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char *rx = mmap(0, 4 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	long sum = 0, bad = 0;
	unsigned char *w = rw;
	for (int i = 0; i < 300; i++) { // new functions
		unsigned char *f = w;
		w = constant(w, i);
		sum += call(rx + (f - rw), i);
	}
	for (int i = 0; i < 300; i++) { // the same place again and again
		constant(rw + 3 * PAGE, i * 3);
		bad += call(rx + 3 * PAGE, 0) != i * 3;
	}
	printf("sum %ld bad %ld\n", sum, bad);
}
