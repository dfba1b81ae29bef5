// W^X: a page is writable or executable in turn, by mprotect, 500 times.
#include "jit.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE);
	long sum = 0;
	for (int i = 0; i < 500; i++) {
		must(mprotect(p, PAGE, PROT_READ | PROT_WRITE), "mprotect");
		constant(p + i % 7 * 64, i);
		must(mprotect(p, PAGE, PROT_READ | PROT_EXEC), "mprotect");
		sum += call(p + i % 7 * 64, 1);
		if (i >= 7)
			sum += call(p + (i - 3) % 7 * 64, 0); // written earlier
	}
	printf("sum %ld\n", sum);
}
