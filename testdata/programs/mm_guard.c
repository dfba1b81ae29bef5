// A handler opens guard pages one by one with mprotect.
#include "prog.h"

static char *base;
static volatile int faults;

static void opened(int sig, siginfo_t *si, void *uc)
{
	char *page = (char *)((uintptr_t)si->si_addr & -PAGE);
	if (page < base || page >= base + 64 * PAGE)
		_exit(98);
	faults++;
	must(mprotect(page, PAGE, PROT_READ | PROT_WRITE), "mprotect");
}

int main(void)
{
	base = pages(64, PROT_NONE);
	handle(SIGSEGV, opened, 0);
	for (int i = 0; i < 64 * PAGE; i += 512)
		base[i] = i >> 9;
	printf("%d faults\n", faults);
	printf("hash %016lx\n", (long)hash(base, 64 * PAGE));
	must(mprotect(base, 64 * PAGE, PROT_READ), "mprotect");
	memset(base + 3 * PAGE - 100, 1, 200);
	printf("%d faults\n", faults);
}
