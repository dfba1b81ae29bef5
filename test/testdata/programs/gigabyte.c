// Uses 1 GiB of memory, most of it written more than once.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(void)
{
	size_t n = (size_t)1 << 30;
	uint64_t *p = mmap(0, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), sum = 0;
	if (p == MAP_FAILED)
		return 1;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < n / 8; i += 64)
			p[i] = p[i] * 31 + i + round;
	for (size_t i = 0; i < n / 8; i += 64)
		sum = sum * 7 + p[i];
	printf("%llx\n", (unsigned long long)sum);
	return 0;
}
