// Code and the data that it changes in one page, and on one cache line.
#include "jit.h"

int main(void)
{
	static const unsigned char count[] = {
		0x48, 0xff, 0x05, 0x39, 0, 0, 0,    // incq 64(base)
		0x48, 0x8b, 0x05, 0x32, 0, 0, 0,    // mov 64(base), %rax
		0xc3,
	};
	unsigned char *p = (void *)pages(2, PROT_READ | PROT_WRITE | PROT_EXEC);
	memcpy(p, count, sizeof count);
	memcpy(p + 128, count, sizeof count);
	memcpy(p + PAGE - 40, count, sizeof count); // data on the next page
	long sum = 0;
	for (int i = 0; i < 5000; i++)
		sum += call(p, 0) + call(p + 128, 0) - call(p + PAGE - 40, 0);
	printf("sum %ld counters %ld %ld %ld\n", sum, *(long *)(p + 64), *(long *)(p + 192), *(long *)(p + PAGE + 24));
	constant(p + 256, 5); // and new code beside it
	printf("%ld %ld\n", call(p + 256, 1), call(p, 0));
}
