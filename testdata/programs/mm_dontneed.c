// madvise: DONTNEED drops private pages, file pages come back, advice without effect.
#include "prog.h"

int main(void)
{
	int fd = tmpfile_fd("from the file", 13);
	char *p = pages(4, PROT_READ | PROT_WRITE);
	char *f = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	memset(p, 'x', 4 * PAGE);
	strcpy(f, "changed");
	result("MADV_DONTNEED", madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED));
	printf("%d %d %d %d\n", p[0], p[PAGE], p[3 * PAGE - 1], p[3 * PAGE]);
	result("MADV_DONTNEED file", madvise(f, PAGE, MADV_DONTNEED));
	printf("[%s]\n", f);
	result("MADV_WILLNEED", madvise(f, PAGE, MADV_WILLNEED));
	result("MADV_RANDOM", madvise(f, PAGE, MADV_RANDOM));
	result("MADV_HUGEPAGE", madvise(p, 4 * PAGE, MADV_NOHUGEPAGE) == 0 || errno == EINVAL ? 0 : -1);
	result("bad advice", madvise(p, PAGE, 9999));
	result("mlock", mlock(p, PAGE));
	result("munlock", munlock(p, PAGE));
}
