// Handlers within handlers, and the order in which they run.
#include "prog.h"

static void say(const char *s) { write(1, s, strlen(s)); }

static void inner(int sig, siginfo_t *si, void *uc) { say(" inner "); }

static void outer(int sig, siginfo_t *si, void *uc)
{
	static int calls;
	say("outer(");
	raise(SIGUSR2);
	if (!calls++)
		raise(SIGUSR1); // blocked while its own handler runs: comes after it
	say(")");
}

static void both(int sig, siginfo_t *si, void *uc)
{
	say("[");
	raise(SIGUSR2); // blocked by sa_mask
	say("]");
}

int main(void)
{
	handle(SIGUSR2, inner, 0);
	handle(SIGUSR1, outer, 0);
	raise(SIGUSR1);
	say("\n");
	struct sigaction masked = {.sa_sigaction = both, .sa_flags = SA_SIGINFO};
	sigaddset(&masked.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &masked, 0);
	raise(SIGUSR1);
	say("\n");
	handle(SIGSEGV, inner, SA_RESETHAND);
	handle(SIGUSR1, outer, 0);
	signal(SIGUSR2, SIG_IGN);
	kill(getpid(), SIGUSR1);
	say("\n");
}
