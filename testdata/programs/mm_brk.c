// brk: grow, shrink, grow again reads as zero.
#include "prog.h"

int main(void)
{
	static char out[4096];
	setvbuf(stdout, out, _IOFBF, sizeof out); // malloc must not use the break meanwhile
	char *start = sbrk(0);
	check(sbrk(100000) == start, "grow");
	memset(start, 'x', 100000);
	check(brk(start + 10) == 0 && sbrk(0) == start + 10, "shrink");
	check(brk(start + 100000) == 0, "grow again");
	int zero = 1;
	for (char *q = (char *)(((uintptr_t)start + 10 + PAGE - 1) & -PAGE); q < start + 100000; q++)
		zero &= !*q;
	check(zero && start[9] == 'x', "zero beyond the page");
	check((char *)syscall(SYS_brk, 0) == start + 100000, "brk of 0 tells the break");
	check((char *)syscall(SYS_brk, 1) == start + 100000, "impossible brk changes nothing");
	for (int i = 0; i < 500; i++) {
		sbrk(PAGE);
		*((char *)sbrk(0) - 1) = i;
	}
	check(brk(start) == 0 && sbrk(0) == start, "back");
}
