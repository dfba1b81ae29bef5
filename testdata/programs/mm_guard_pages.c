// PROT_NONE guards: a handler opens the page that was touched, page after page, and closes the one before.
#include "prog.h"

static char *base, *last;
static volatile int faults;
static void handler(int sig, siginfo_t *si, void *uc)
{
	char *page = (char *)((uintptr_t)si->si_addr & -PAGE);
	faults++;
	if (last)
		mprotect(last, PAGE, PROT_NONE);
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	last = page;
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	base = pages(64, PROT_NONE);
	for (int i = 0; i < 64 * PAGE; i += 100)
		base[i] = i >> 5;
	printf("faults %d\n", faults);
	uint64_t sum = 0;
	for (int i = 0; i < 64 * PAGE; i += 1000)
		sum = sum * 31 + (unsigned char)base[i];
	printf("%016lx faults %d\n", sum, faults);
	// A copy between two closed pages needs both: each access faults again.
	faults = 0;
	last = 0;
	mprotect(base, 64 * PAGE, PROT_NONE);
	base[0] = base[5 * PAGE];
	printf("faults %d\n", faults);
}
