// Ten thousand small functions over 100 pages, called in a scattered order, then replaced and called again.
#include "jit.h"

enum { N = 10000, SLOT = 40 };

int main(void)
{
	unsigned char *p = (void *)pages(100, PROT_READ | PROT_WRITE | PROT_EXEC);
	long bad = 0;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < N; i++)
			constant(p + i * SLOT, i + round * N);
		for (int i = 0, k = 0; i < N; i++, k = (k + 7919) % N)
			bad += call(p + k * SLOT, 1) != k + round * N + 1;
	}
	printf("bad %ld\n", bad);
}
