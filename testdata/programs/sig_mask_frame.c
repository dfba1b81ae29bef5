// A handler changes the mask in its frame, and sees which signals were blocked.
#include "prog.h"

static int was;
static void add(int sig, siginfo_t *si, void *uc)
{
	was = sigismember(&((ucontext_t *)uc)->uc_sigmask, SIGUSR2);
	sigaddset(&((ucontext_t *)uc)->uc_sigmask, SIGUSR2);
}

static void note(int sig, siginfo_t *si, void *uc) { puts("SIGUSR2"); }

int main(void)
{
	sigset_t m;
	handle(SIGUSR1, add, 0);
	handle(SIGUSR2, note, 0);
	raise(SIGUSR1);
	printf("was %d\n", was);
	raise(SIGUSR2);
	puts("blocked now");
	sigemptyset(&m);
	sigprocmask(SIG_SETMASK, &m, 0);
	puts("end");
}
