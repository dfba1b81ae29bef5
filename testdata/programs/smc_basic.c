// Code in RWX memory: written, called, changed, called again, a thousand times.
#include "prog.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	static const unsigned char code[] = {0xb8, 0, 0, 0, 0, 0xc3}; // mov $imm, %eax; ret
	memcpy(p, code, sizeof code);
	int (*f)(void) = (void *)p;
	long sum = 0, bad = 0;
	for (int i = 0; i < 1000; i++) {
		*(int *)(p + 1) = i * 3;
		int r = f();
		bad += r != i * 3;
		sum += r;
	}
	printf("sum %ld wrong %ld\n", sum, bad);
	p[0] = 0x8d, p[1] = 0x47, p[2] = 0x07, p[3] = 0xc3; // lea 7(%rdi), %eax; ret
	printf("%d\n", ((int (*)(int))p)(35));
	memset(p, 0x90, 100);
	p[100] = 0x89, p[101] = 0xf8, p[102] = 0xc3; // mov %edi, %eax; ret
	printf("%d\n", ((int (*)(int))p)(77));
	p[50] = 0xff, p[51] = 0xc7; // inc %edi
	printf("%d\n", ((int (*)(int))p)(77));
}
