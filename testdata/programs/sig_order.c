// Order of delivery: real-time signals by number and queue, ordinary ones merge.
#include "prog.h"

static char log[400];
static int n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	n += sprintf(log + n, sig < 32 ? "o%d " : "r%d:%d ", sig < 32 ? sig : sig - SIGRTMIN, si->si_value.sival_int);
}

int main(void)
{
	sigset_t set;
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigfillset(&set);
	sa.sa_mask = set;
	for (int s = SIGRTMIN; s < SIGRTMIN + 4; s++)
		sigaction(s, &sa, 0);
	sigaction(SIGUSR1, &sa, 0), sigaction(SIGUSR2, &sa, 0);
	sigprocmask(SIG_BLOCK, &set, 0);
	for (int i = 0; i < 3; i++) {
		sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = i});
		sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 + i});
		kill(getpid(), SIGUSR2);
		kill(getpid(), SIGUSR1);
		sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 20 + i});
	}
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, 0);
	puts(log);
}
