// Code is written and executed in turn in pages that also hold other hot functions.
#include "jit.h"

int main(void)
{
	unsigned char *p = (void *)pages(4, PROT_READ | PROT_WRITE | PROT_EXEC);
	long sum = 0;
	for (int i = 0; i < 64; i++)
		constant(p + i * 256, i);
	for (int round = 0; round < 60; round++) {
		constant(p + round % 64 * 256 + 128, round);
		for (int i = 0; i < 64; i++)
			sum += call(p + i * 256, round);
		sum += call(p + round % 64 * 256 + 128, 0);
	}
	printf("sum %ld\n", sum);
}
