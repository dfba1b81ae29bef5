// malloc of all sizes, realloc, aligned, trim, mallopt: contents survive.
#include "prog.h"
#include <malloc.h>

int main(void)
{
	static char *p[300];
	static size_t size[300];
	unsigned seed = 1;
	long bad = 0;
	mallopt(M_MMAP_THRESHOLD, 100000);
	for (int i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		int k = (seed >> 16) % 300;
		size_t n = (seed >> 8) % (i % 20 ? 2000 : 300000) + 1;
		if (p[k])
			bad += p[k][0] != (char)k || p[k][size[k] - 1] != (char)k;
		if (i % 3 == 0)
			free(p[k]), p[k] = i % 2 ? malloc(n) : memalign(64 << i % 6, n);
		else
			p[k] = realloc(p[k], n);
		size[k] = n;
		p[k][0] = p[k][n - 1] = k;
		if (i % 2000 == 0)
			malloc_trim(0);
	}
	printf("bad %ld\n", bad);
	void *a = aligned_alloc(65536, 65536);
	check((uintptr_t)a % 65536 == 0, "aligned");
	check(!malloc(-1UL / 2) && errno == ENOMEM, "too much");
	check(malloc_usable_size(p[7]) >= size[7], "usable");
}
