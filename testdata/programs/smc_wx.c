// W^X: the page is made writable, changed, made executable, called.
#include "prog.h"

int main(void)
{
	unsigned char *p = (void *)pages(2, PROT_READ | PROT_WRITE);
	long bad = 0;
	for (int i = 0; i < 300; i++) {
		must(mprotect(p, 2 * PAGE, PROT_READ | PROT_WRITE), "mprotect");
		unsigned char *q = p + (i * 61) % (2 * PAGE - 16);
		q[0] = 0xb8, memcpy(q + 1, &i, 4), q[5] = 0xc3;
		must(mprotect(p, 2 * PAGE, PROT_READ | PROT_EXEC), "mprotect");
		bad += ((int (*)(void))q)() != i;
	}
	printf("%ld wrong\n", bad);
}
