// Signals between parent and child, both ways, strictly in turn.
#include "prog.h"

static volatile int n;
static void count(int sig, siginfo_t *si, void *uc)
{
	n++;
}

int main(void)
{
	sigset_t set, none;
	sigemptyset(&set);
	sigemptyset(&none);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	handle(SIGUSR1, count, 0);
	pid_t pid = must(fork(), "fork"), other = pid ? pid : getppid();
	for (int i = 0; i < 100; i++) {
		if (pid)
			kill(other, SIGUSR1);
		sigsuspend(&none);
		if (!pid)
			kill(other, SIGUSR1);
	}
	if (!pid)
		_exit(n);
	int st;
	waitpid(pid, &st, 0);
	printf("parent %d child %d\n", n, WEXITSTATUS(st));
}
