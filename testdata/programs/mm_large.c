// flags: -O1
// 64 MB of memory written and read in several orders.
#include "prog.h"

int main(void)
{
	size_t n = 64ul << 20;
	uint64_t *p = malloc(n), sum = 0;
	for (size_t i = 0; i < n / 8; i += 64)
		p[i] = i * 2654435761u;
	for (size_t i = n / 8; i >= 512; i -= 512)
		p[i - 1] ^= i;
	for (size_t i = 0, j = 1; i < 200000; i++, j = j * 1103515245 + 12345)
		p[j % (n / 8)] += i;
	for (size_t i = 0; i < n / 8; i++)
		sum = sum * 31 + p[i];
	printf("%016lx\n", (long)sum);
	memcpy(p, p + n / 16, n / 2);
	printf("%016lx\n", (long)hash(p, 1 << 20));
	free(p);
}
