// /proc/self/pagemap: which of the program's pages are present; no soft-dirty or write-protect surprise.
#include "prog.h"

int main(void)
{
	char *p = pages(8, PROT_READ | PROT_WRITE);
	madvise(p, 8 * PAGE, MADV_NOHUGEPAGE);
	uint64_t e[8] = {0};
	p[0] = p[3 * PAGE] = p[7 * PAGE] = 1;
	int fd = must(open("/proc/self/pagemap", O_RDONLY), "open");
	result("pread", pread(fd, e, sizeof e, (uintptr_t)p / PAGE * 8));
	for (int i = 0; i < 8; i++)
		printf("%d:%d:%d ", (int)(e[i] >> 63), (int)(e[i] >> 61 & 1), (int)(e[i] >> 57 & 1));
	puts("");
}
