// SA_RESETHAND: the handler runs once, then the default holds; signal(2)'s old values; SA_NODEFER with it.
#include "prog.h"

static volatile int n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	struct sigaction sa;
	sigaction(sig, 0, &sa);
	printf("in the handler: default %d\n", sa.sa_handler == SIG_DFL);
	n++;
}

int main(void)
{
	struct sigaction sa;
	handle(SIGUSR1, handler, SA_RESETHAND);
	raise(SIGUSR1);
	handle(SIGCHLD, handler, SA_RESETHAND | SA_NODEFER);
	raise(SIGCHLD), raise(SIGCHLD);
	printf("n %d\n", n);
	check(signal(SIGUSR2, SIG_IGN) == SIG_DFL, "old default");
	check(signal(SIGUSR2, SIG_DFL) == SIG_IGN, "old ignored");
	result("SIGKILL", sigaction(SIGKILL, &(struct sigaction){.sa_handler = SIG_IGN}, 0));
	result("SIGSTOP", sigaction(SIGSTOP, &(struct sigaction){.sa_handler = SIG_IGN}, 0));
	result("reading SIGKILL", sigaction(SIGKILL, 0, &sa));
	result("65", syscall(SYS_rt_sigaction, 65, 0, &sa, 8));
	result("bad size", syscall(SYS_rt_sigaction, 1, 0, &sa, 16));
	fflush(stdout);
	raise(SIGUSR1);
	puts("never");
}
