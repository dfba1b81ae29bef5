// Alternate signal stacks belong to threads; handlers run on them at the same time.
#include "thread.h"

static __thread char alt[32768];
static __thread volatile int on;

static void handler(int sig, siginfo_t *si, void *uc)
{
	char here;
	volatile long n = 0;
	for (int i = 0; i < 20000; i++)
		n += i;
	on += &here >= alt && &here < alt + sizeof alt;
}

static void *uses(void *arg)
{
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt}, old;
	sigaltstack(0, &old);
	long bad = !(old.ss_flags & SS_DISABLE);
	if ((long)arg % 2)
		sigaltstack(&ss, 0);
	for (int i = 0; i < 20; i++)
		raise(SIGUSR1);
	return (void *)(bad * 1000 + on);
}

int main(void)
{
	handle(SIGUSR1, handler, SA_ONSTACK);
	printf("on the alternate stack %ld\n", crowd(6, uses));
}
