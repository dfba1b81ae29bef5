// Code in what a MAP_GROWSDOWN mapping has gained: it runs, changes, moves and goes.
#include "prog.h"

static int call(char *at, int value)
{
	unsigned char code[] = {0xb8, value, 0, 0, 0, 0xc3}; // mov eax, value; ret
	memcpy(at, code, sizeof code);
	return ((int (*)(void))at)();
}

int main(void)
{
	char *room = pages(1000, PROT_NONE);
	munmap(room, 1000 * PAGE);
	char *p = mmap(room + 900 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	check(p == room + 900 * PAGE, "mapped");
	char *low = p - 60 * PAGE;
	for (int i = 1; i < 5; i++)
		printf("returned %d\n", call(low, i));
	// From the middle to the start of the mapping.
	must(mprotect(p - 20 * PAGE, PAGE, PROT_READ | PROT_EXEC | PROT_GROWSDOWN), "mprotect");
	printf("returned %d\n", ((int (*)(void))low)());
	must(munmap(p - 40 * PAGE, PAGE), "munmap");
	printf("returned %d\n", ((int (*)(void))low)());
	char *moved = mremap(low, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	check(moved == room, "moved");
	printf("returned %d\n", ((int (*)(void))moved)());
	result("mprotect of what is gone", mprotect(low, PAGE, PROT_READ));
	printf("returned %d\n", call(p - 10 * PAGE, 9));
}
