// Two mappings of one memfd in one process: each write is seen through the other, in all sizes.
#include "prog.h"

int main(void)
{
	int fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	char *a = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *b = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	long bad = 0;
	for (int i = 0; i < 2000; i++) {
		a[i] = i;
		bad += b[i] != (char)i;
		*(uint16_t *)(b + i) = i * 3;
		bad += *(uint16_t *)(a + i) != (uint16_t)(i * 3);
		*(uint64_t *)(a + i) = i * 0x123456789l;
		bad += *(uint64_t *)(b + i) != i * 0x123456789l;
	}
	memset(a + 100, 0x5a, 5000);
	bad += memcmp(a, b, 2 * PAGE) != 0;
	(*(int *)(b + PAGE - 2))++; // across the pages
	bad += *(int *)(a + PAGE - 2) != 0x5a5a5a5b;
	printf("bad %ld\n", bad);
	printf("%016lx\n", hash(b, 2 * PAGE));
}
