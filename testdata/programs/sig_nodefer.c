// SA_NODEFER lets a handler interrupt itself; SA_RESETHAND restores the default.
#include "prog.h"

static int depth, deepest;
static void recurse(int sig, siginfo_t *si, void *uc)
{
	if (++depth > deepest)
		deepest = depth;
	if (depth < 20)
		raise(SIGUSR1);
	depth--;
}

int main(void)
{
	struct sigaction now;
	handle(SIGUSR1, recurse, SA_NODEFER);
	raise(SIGUSR1);
	printf("deepest %d depth %d\n", deepest, depth);
	depth = 19;
	handle(SIGUSR1, recurse, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, 0, &now);
	printf("default again %d\n", now.sa_handler == SIG_DFL);
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	fflush(stdout);
	handle(SIGTERM, recurse, SA_RESETHAND);
	kill(getpid(), SIGTERM);
	puts("once");
	fflush(stdout);
	kill(getpid(), SIGTERM);
	puts("not reached");
}
