// madvise of all kinds that have an effect, and errors: FREE, COLD, PAGEOUT, POPULATE, holes.
#include "prog.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

static long resident(char *p, int n)
{
	unsigned char v[64];
	long sum = 0;
	if (mincore(p, n * PAGE, v))
		return -1;
	for (int i = 0; i < n; i++)
		sum += v[i] & 1;
	return sum;
}

int main(void)
{
	char *p = pages(16, PROT_READ | PROT_WRITE);
	printf("resident %ld\n", resident(p, 16));
	result("POPULATE_WRITE", madvise(p, 8 * PAGE, MADV_POPULATE_WRITE));
	printf("resident %ld\n", resident(p, 16));
	memset(p, 'x', 16 * PAGE);
	result("DONTNEED", madvise(p, 4 * PAGE, MADV_DONTNEED));
	printf("%d %c, resident %ld\n", p[0], p[4 * PAGE], resident(p + PAGE, 15));
	result("FREE", madvise(p + 8 * PAGE, PAGE, MADV_FREE));
	p[8 * PAGE] = 'y'; // a write keeps it
	printf("%c\n", p[8 * PAGE]);
	result("COLD", madvise(p, 16 * PAGE, MADV_COLD));
	result("PAGEOUT", madvise(p, 16 * PAGE, MADV_PAGEOUT));
	printf("%c\n", p[9 * PAGE]);
	result("WILLNEED", madvise(p, PAGE, MADV_WILLNEED));
	result("SEQUENTIAL", madvise(p, PAGE, MADV_SEQUENTIAL));
	result("HUGEPAGE", madvise(p, 16 * PAGE, MADV_HUGEPAGE));
	result("NOHUGEPAGE", madvise(p, 16 * PAGE, MADV_NOHUGEPAGE));
	result("DONTDUMP", madvise(p, PAGE, MADV_DONTDUMP));
	result("DODUMP", madvise(p, PAGE, MADV_DODUMP));
	result("bad advice", madvise(p, PAGE, 12345));
	result("unaligned", madvise(p + 1, PAGE, MADV_DONTNEED));
	munmap(p + 2 * PAGE, PAGE);
	result("hole", madvise(p, 4 * PAGE, MADV_DONTNEED));
	result("POPULATE_READ of a hole", madvise(p, 4 * PAGE, MADV_POPULATE_READ));
	printf("%d %d\n", p[0], p[3 * PAGE]);
}
