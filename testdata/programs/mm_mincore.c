// mincore: touched and untouched pages, files, holes, lengths that are not whole pages.
#include "prog.h"

int main(void)
{
	char *p = pages(6, PROT_READ | PROT_WRITE);
	unsigned char v[8] = {0};
	madvise(p, 6 * PAGE, MADV_NOHUGEPAGE);
	p[PAGE] = 1, p[3 * PAGE] = 1;
	result("mincore", mincore(p, 5 * PAGE + 1, v));
	for (int i = 0; i < 6; i++)
		printf("%d", v[i] & 1);
	puts("");
	int fd = tmpfile_fd(p, 3 * PAGE);
	char *f = mmap(0, 3 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	result("file", mincore(f, 3 * PAGE, v));
	printf("%d%d%d\n", v[0] & 1, v[1] & 1, v[2] & 1);
	munmap(p + 2 * PAGE, PAGE);
	result("hole", mincore(p, 5 * PAGE, v));
	result("unaligned", mincore(p + 1, PAGE, v));
	result("bad vector", mincore(p, PAGE, (void *)8));
	result("nothing", mincore(p, 0, v));
}
