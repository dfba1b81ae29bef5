// Anonymous memory: zero at first, protections, holes, mincore.
#include "prog.h"

int main(void)
{
	char *p = pages(8, PROT_READ | PROT_WRITE);
	unsigned char in[8];
	int zero = 1;
	for (int i = 0; i < 8 * PAGE; i++)
		zero &= !p[i];
	check(zero, "zero");
	memset(p, 7, 8 * PAGE);
	result("munmap middle", munmap(p + 2 * PAGE, 2 * PAGE));
	result("mincore of a hole", mincore(p, 8 * PAGE, in));
	result("mincore", mincore(p, 2 * PAGE, in));
	printf("%d %d\n", in[0] & 1, in[1] & 1);
	result("mprotect over a hole", mprotect(p, 8 * PAGE, PROT_READ));
	result("mprotect", mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ));
	printf("%d %d\n", p[0], p[5 * PAGE]);
	int fd = open("/dev/zero", O_RDONLY);
	result("read into read-only", read(fd, p + 5 * PAGE, 10));
	result("mprotect back", mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE));
	result("read", read(fd, p + 5 * PAGE, 10));
	printf("%d %d\n", p[5 * PAGE], p[5 * PAGE + 10]);
	result("munmap all", munmap(p, 8 * PAGE));
	for (int i = 0; i < 3000; i++) {
		char *q = pages(1 + i % 7, PROT_READ | PROT_WRITE);
		*q = i;
		munmap(q, (1 + i % 7) * PAGE);
	}
	char *big = mmap(0, 1ul << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(big != MAP_FAILED, "64 GiB reserved");
	result("commit a part", mprotect(big + (1ul << 35), PAGE, PROT_READ | PROT_WRITE));
	big[(1ul << 35)] = 1;
	result("munmap", munmap(big, 1ul << 36));
}
