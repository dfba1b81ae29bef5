// Handlers on alternate stacks that are barely large enough, again and again.
#include "prog.h"
#include <sys/auxv.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

static volatile int n, inside;
static char *stack;
static size_t size;

// The handler needs little stack itself: no library calls.
static void handler(int sig, siginfo_t *si, void *uc)
{
	char here;
	inside += &here >= stack && &here < stack + size;
	n++;
}

int main(void)
{
	size_t least = getauxval(AT_MINSIGSTKSZ);
	if (!least)
		least = 2048;
	size = (least + 512 + 63) & ~63;
	// Pages that must not be touched surround the stack.
	size_t whole = (size + PAGE - 1) / PAGE;
	char *p = pages(whole + 2, PROT_NONE);
	mprotect(p + PAGE, whole * PAGE, PROT_READ | PROT_WRITE);
	stack = p + PAGE; // its low end at the guard
	stack_t ss = {.ss_sp = stack, .ss_size = size};
	result("sigaltstack", sigaltstack(&ss, 0));
	handle(SIGUSR1, handler, SA_ONSTACK);
	for (int i = 0; i < 200; i++)
		raise(SIGUSR1);
	printf("handled %d inside %d\n", n, inside);
	ss.ss_size = MINSIGSTKSZ > least ? least - 1 : MINSIGSTKSZ - 1;
	result("too small", sigaltstack(&ss, 0));
}
