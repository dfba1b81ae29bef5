// Handlers within handlers; masks of sa_mask; order of nesting.
#include "prog.h"

static void say(const char *s) { write(1, s, strlen(s)); }

static void inner(int sig, siginfo_t *si, void *uc) { say(" inner"); }

static void outer(int sig, siginfo_t *si, void *uc)
{
	say("outer(");
	raise(SIGUSR2);
	say(" after ");
	raise(SIGUSR1); // blocked while its own handler runs
	say(")");
}

int main(void)
{
	static int once;
	handle(SIGUSR2, inner, 0);
	struct sigaction sa = {.sa_sigaction = outer, .sa_flags = SA_SIGINFO | SA_RESETHAND};
	sigaction(SIGUSR1, &sa, 0);
	signal(SIGUSR1, SIG_IGN);
	handle(SIGUSR1, outer, 0);
	sigset_t all;
	sigfillset(&all);
	struct sigaction masked = {.sa_sigaction = inner, .sa_flags = SA_SIGINFO, .sa_mask = all};
	sigaction(SIGUSR2, &masked, 0);
	if (!once++) {
		struct sigaction reset = {.sa_sigaction = outer, .sa_flags = SA_SIGINFO | SA_RESETHAND};
		sigaction(SIGUSR1, &reset, 0);
		pid_t pid = fork();
		if (!pid) {
			raise(SIGUSR1); // the second one, pending, kills
			_exit(0);
		}
		int st;
		waitpid(pid, &st, 0);
		printf("\nkilled by SIGUSR1: %d\n", WIFSIGNALED(st) && WTERMSIG(st) == SIGUSR1);
	}
	handle(SIGUSR1, inner, 0);
	fflush(stdout);
	kill(getpid(), SIGUSR1);
	say("\n");
}
