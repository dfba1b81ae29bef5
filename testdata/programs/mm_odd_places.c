// MAP_FIXED at odd places: low, high, all over the address space, at the last page, and beyond it.
#include "prog.h"

static void try(uintptr_t at)
{
	char *p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (p == MAP_FAILED) {
		printf("%lx: %s\n", (long)at, strerrorname_np(errno));
		return;
	}
	strcpy(p + 7, "there");
	printf("%lx: %d [%s]\n", (long)at, p == (char *)at, p + 7);
	munmap(p, PAGE);
}

int main(void)
{
	try(0x10000), try(0x400000), try(0x7fff0000), try(0x80000000), try(0x100000000), try(0x123456789000);
	try(0x200000000000), try(0x2a0000000000), try(0x2a0000400000), try(0x400000000000), try(0x600000000000);
	try(0x7ffffffff000 - PAGE), try(0x7ffffffff000), try(0x800000000000), try(0xffffffffff600000), try(-PAGE);
	try(0x123456789001);
	// Hints that cannot be kept lead elsewhere.
	char *p = mmap((void *)0x2a0000000000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(p == (char *)0x2a0000000000, "a hint");
	char *q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(q != p && q != MAP_FAILED, "the same hint again");
	check((uintptr_t)mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0) < 0x80000000, "MAP_32BIT");
}
