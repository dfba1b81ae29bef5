// Signals to the process, with several willing threads: each is handled once, by one of them.
#include "thread.h"

static volatile int handled, stop;
static __thread int me;

static void handler(int sig, siginfo_t *si, void *uc)
{
	if (!me)
		write(1, "in main\n", 8);
	__atomic_fetch_add(&handled, 1, __ATOMIC_RELEASE);
}

static void *willing(void *arg)
{
	me = 1;
	sigset_t set;
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	volatile long n = 0;
	while (!stop)
		if ((long)arg % 2)
			n++;
		else
			usleep(1000);
	return 0;
}

int main(void)
{
	sigset_t set;
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	handle(SIGUSR1, handler, SA_RESTART);
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		t[i] = start(willing, i);
	for (int i = 1; i <= 50; i++) {
		kill(getpid(), SIGUSR1);
		until(&handled, i);
	}
	stop = 1;
	for (int i = 0; i < 4; i++)
		join(t[i]);
	printf("handled %d\n", handled);
}
