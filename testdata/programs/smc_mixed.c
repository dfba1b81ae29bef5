// Data and code on one page: the code counts in a variable beside itself.
#include "prog.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	// incl 0x100(%rdi); mov 0x100(%rdi), %eax; ret
	static const unsigned char code[] = {0xff, 0x87, 0, 1, 0, 0, 0x8b, 0x87, 0, 1, 0, 0, 0xc3};
	memcpy(p, code, sizeof code);
	int (*f)(void *) = (void *)p, r = 0;
	for (int i = 0; i < 20000; i++)
		r = f(p);
	printf("%d\n", r);
	volatile int *data = (int *)(p + 0x200);
	for (int i = 0; i < 2000; i++) {
		data[i % 100] += f(p);
		if (i == 1000)
			p[12] = 0x90, p[13] = 0xff, p[14] = 0xc0, p[15] = 0xc3; // nop; inc %eax; ret
	}
	printf("%d %d %d\n", f(p), data[0], data[99]);
}
