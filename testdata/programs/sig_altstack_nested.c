// A handler on the alternate stack is interrupted by another: both use it; SS_AUTODISARM frees it.
#include "prog.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static char stack[65536];
static volatile int depth, lower, flags[2];
static char *outer;

static void inner(int sig, siginfo_t *si, void *uc)
{
	char here;
	lower = &here < outer && &here >= stack;
	stack_t now;
	sigaltstack(0, &now);
	flags[1] = now.ss_flags;
}

static void handler(int sig, siginfo_t *si, void *uc)
{
	char here;
	outer = &here;
	stack_t now;
	sigaltstack(0, &now);
	flags[0] = now.ss_flags;
	raise(SIGUSR2);
}

static void try(const char *name, int how)
{
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = how}, now;
	result(name, sigaltstack(&ss, 0));
	raise(SIGUSR1);
	sigaltstack(0, &now);
	printf("nested below %d, flags %x %x, after %x\n", lower, flags[0], flags[1], now.ss_flags);
}

int main(void)
{
	handle(SIGUSR1, handler, SA_ONSTACK);
	handle(SIGUSR2, inner, SA_ONSTACK);
	try("plain", 0);
	handle(SIGUSR2, inner, 0);
	try("disarmed", SS_AUTODISARM);
	result("bad flags", sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 8}, 0));
}
