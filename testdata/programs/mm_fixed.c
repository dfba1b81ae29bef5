// MAP_FIXED over parts of mappings, MAP_FIXED_NOREPLACE, address hints.
#include "prog.h"

int main(void)
{
	char *p = pages(5, PROT_READ | PROT_WRITE);
	memset(p, 'x', 5 * PAGE);
	int fd = tmpfile_fd("file content", 12);
	char *q = mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
	check(q == p + PAGE, "at the place");
	printf("%c [%s] %c\n", p[PAGE - 1], q, p[2 * PAGE]);
	q = mmap(p + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
	printf("%d %d %c\n", q[0], q[2 * PAGE - 1], q[2 * PAGE]);
	result("noreplace", mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
	munmap(p, PAGE);
	check(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_ANONYMOUS, -1, 0) == p, "noreplace of a hole");
	munmap(p, 5 * PAGE);
	check(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == p, "hint taken");
	check(mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != p, "hint occupied");
	char *low = mmap((void *)0x10000000, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	check(low == (void *)0x10000000, "a low address");
	strcpy(low, "low");
	char *in32 = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	check(in32 != MAP_FAILED && (uintptr_t)in32 < 1ul << 31, "MAP_32BIT");
}
