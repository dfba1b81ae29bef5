// sigaltstack: handlers run there, flags, size, disabling from within.
#include "prog.h"

static char stack[64 * 1024];
static int on, seen_flags, inside_err;

static void handler(int sig, siginfo_t *si, void *uc)
{
	char here;
	stack_t now, off = {.ss_flags = SS_DISABLE};
	on = &here >= stack && &here < stack + sizeof stack;
	sigaltstack(0, &now);
	seen_flags = now.ss_flags;
	inside_err = sigaltstack(&off, 0) ? errno : 0;
	if (on)
		check(((ucontext_t *)uc)->uc_stack.ss_sp == stack, "stack in the frame");
}

int main(void)
{
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack}, old;
	result("sigaltstack", sigaltstack(&ss, &old));
	printf("old flags %d\n", old.ss_flags);
	handle(SIGUSR1, handler, SA_ONSTACK);
	handle(SIGUSR2, handler, 0);
	raise(SIGUSR1);
	printf("on %d flags %d error %s\n", on, seen_flags, strerrorname_np(inside_err));
	sigaltstack(0, &old);
	check(old.ss_sp == stack && old.ss_flags == 0, "still set");
	handle(SIGUSR1, handler, SA_ONSTACK);
	raise(SIGUSR1);
	printf("on %d\n", on);
	ss.ss_size = 100;
	result("too small", sigaltstack(&ss, 0));
	ss.ss_flags = SS_DISABLE;
	result("disable", sigaltstack(&ss, &old));
	raise(SIGUSR1);
	printf("on %d\n", on);
}
