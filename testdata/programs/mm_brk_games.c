// brk: growing by odd sizes, shrinking, contents, a mapping in its way, limits.
#include "prog.h"
#include <sys/resource.h>

static char *brk_to(char *p)
{
	return (char *)syscall(SYS_brk, p);
}

int main(void)
{
	static char buffer[8192]; // keeps malloc away from the break
	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	char *start = brk_to(0), *base = (char *)(((uintptr_t)start + PAGE - 1) & -PAGE);
	check(brk_to(base + 10 * PAGE + 123) == base + 10 * PAGE + 123, "odd size");
	base[10 * PAGE + 122] = 'e', base[5 * PAGE] = 'm';
	printf("%c%c\n", base[10 * PAGE + 122], base[5 * PAGE]);
	base[11 * PAGE - 1] = 'r'; // the rest of the page is there
	check(brk_to(base + 5 * PAGE + 1) == base + 5 * PAGE + 1, "shrunk");
	printf("%c\n", base[5 * PAGE]);
	result("beyond", msync(base + 6 * PAGE, PAGE, MS_ASYNC));
	check(brk_to(base + 11 * PAGE) == base + 11 * PAGE, "grown");
	printf("clean %d %d\n", base[10 * PAGE + 122], base[11 * PAGE - 1]);
	char *m = mmap(base + 20 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	check(m == base + 20 * PAGE, "something in the way");
	check(brk_to(base + 30 * PAGE) == base + 11 * PAGE, "refused");
	munmap(m, PAGE);
	check(brk_to(base + 30 * PAGE) == base + 30 * PAGE, "free again");
	must(munmap(base + 15 * PAGE, 5 * PAGE), "munmap");
	check(brk_to(base + 31 * PAGE) == base + 31 * PAGE, "a hole in it");
	result("the hole", msync(base + 15 * PAGE, PAGE, MS_ASYNC));
	must(mprotect(base + 25 * PAGE, PAGE, PROT_READ), "mprotect");
	check(brk_to(base + 24 * PAGE) == base + 24 * PAGE, "shrunk over a protected page");
	setrlimit(RLIMIT_DATA, &(struct rlimit){1 << 20, RLIM_INFINITY});
	check(brk_to(base + (64 << 20)) == base + 24 * PAGE, "limit");
	check(brk_to(start - 2 * PAGE) == base + 24 * PAGE, "below the start");
}
