// Calls on several mappings that fail in the middle: what was done up to there stays done.
#include "prog.h"

#define RW (PROT_READ | PROT_WRITE)

static void show(const char *what, long r, char *p, int n)
{
	result(what, r);
	for (int i = 0; i < n; i++)
		printf(" %d", p[i * PAGE]);
	puts("");
}

int main(void)
{
	char content[4 * PAGE];
	memset(content, 9, sizeof content);
	int fd = tmpfile_fd(content, sizeof content);
	char *p = pages(8, RW);
	must((long)mmap(p + PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, PAGE), "mmap");
	memset(p, 1, 8 * PAGE);
	must(mlock(p + 4 * PAGE, PAGE), "mlock");
	show("locked", madvise(p, 8 * PAGE, MADV_DONTNEED), p, 8);
	memset(p, 2, 8 * PAGE);
	show("free", madvise(p + 3 * PAGE, 3 * PAGE, MADV_FREE), p + 4 * PAGE, 4);
	memset(p, 3, 8 * PAGE);
	show("remove", madvise(p, 8 * PAGE, MADV_REMOVE), p, 8);
	show("none", madvise(p + 4 * PAGE, 2 * PAGE, MADV_DONTNEED), p, 8);
	show("locked ones too", madvise(p, 8 * PAGE, 24), p, 8); // MADV_DONTNEED_LOCKED
	memset(p, 4, 8 * PAGE);
	munmap(p + 2 * PAGE, PAGE);
	result("with a hole", madvise(p, 8 * PAGE, MADV_DONTNEED));
	printf(" %d %d %d %d\n", p[0], p[PAGE], p[3 * PAGE], p[7 * PAGE]);
	memset(p + 3 * PAGE, 5, 5 * PAGE);
	must(munlock(p + 4 * PAGE, PAGE), "munlock");
	p[0] = p[PAGE] = 5;
	result("free up to a file", madvise(p, 2 * PAGE, MADV_FREE));
	printf(" %d\n", p[PAGE]);
	result("from a file", madvise(p + PAGE, 2 * PAGE, MADV_FREE));
	printf(" %d\n", p[PAGE]);
	result("from a hole", madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTNEED));
	printf(" %d %d\n", p[3 * PAGE], p[4 * PAGE]);
	return 0;
}
