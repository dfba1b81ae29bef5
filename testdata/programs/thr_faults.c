// Threads that fault at the same time, each with its own repair.
#include "thread.h"

static __thread char *page;
static __thread int faults;

static void repair(int sig, siginfo_t *si, void *uc)
{
	char *at = (char *)((uintptr_t)si->si_addr & -PAGE);
	if (at != page)
		abort();
	faults++;
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void *work(void *arg)
{
	page = pages(1, PROT_NONE);
	for (int i = 0; i < 100; i++) {
		page[i * 8] = i;
		mprotect(page, PAGE, i % 2 ? PROT_READ : PROT_NONE);
	}
	return (void *)(long)faults;
}

int main(void)
{
	handle(SIGSEGV, repair, 0);
	printf("faults %ld\n", crowd(4, work));
}
