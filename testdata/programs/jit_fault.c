// Generated code that is not executable, ends at the end of a page, or is cut by one: where the fault is.
#include "jit.h"
#include <setjmp.h>

static sigjmp_buf out;
static unsigned char *p;
static volatile long at, rip;

static void handler(int sig, siginfo_t *si, void *uc)
{
	at = (unsigned char *)si->si_addr - p, rip = REG(uc, RIP) - (long)p;
	siglongjmp(out, 1);
}

static void try(long offset)
{
	if (!sigsetjmp(out, 1))
		printf("%ld\n", call(p + offset, 0));
	else
		printf("fault at %ld rip %ld\n", at, rip);
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	p = (void *)pages(2, PROT_READ | PROT_WRITE);
	constant(p, 1);
	constant(p + PAGE - 4, 3); // goes on in the next
	try(0);
	must(mprotect(p, PAGE, PROT_READ | PROT_EXEC), "mprotect");
	try(0);
	try(PAGE - 4); // the immediate is on the page that cannot be executed
	must(mprotect(p + PAGE, PAGE, PROT_READ | PROT_EXEC), "mprotect");
	try(PAGE - 4);
	must(munmap(p + PAGE, PAGE), "munmap");
	try(PAGE - 4);
	try(0);
}
