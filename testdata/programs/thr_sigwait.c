// One thread takes all signals of the process with sigwait; the others never see them.
#include "thread.h"

static sigset_t set;
static volatile int got[3];

static void *taker(void *arg)
{
	int sig;
	for (;;) {
		if (sigwait(&set, &sig))
			return (void *)-1;
		if (sig == SIGTERM)
			return (void *)1;
		__atomic_fetch_add(&got[sig == SIGUSR2], 1, __ATOMIC_RELEASE);
	}
}

static void *sender(void *arg)
{
	for (int i = 0; i < 20; i++) {
		kill(getpid(), i % 2 ? SIGUSR1 : SIGUSR2);
		until(&got[i % 2 == 0], i / 2 + 1);
	}
	return 0;
}

int main(void)
{
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1), sigaddset(&set, SIGUSR2), sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	pthread_t t = start(taker, 0);
	join(start(sender, 0));
	kill(getpid(), SIGTERM);
	printf("taker %ld\n", join(t));
	printf("USR1 %d USR2 %d\n", got[0], got[1]);
}
