// Signal masks belong to threads: inherited at creation, changed alone.
#include "thread.h"

static long mask(void)
{
	sigset_t set;
	long m = 0;
	pthread_sigmask(SIG_BLOCK, 0, &set);
	for (int s = 1; s < 32; s++)
		m |= (long)sigismember(&set, s) << s;
	return m;
}

static void *third(void *arg)
{
	printf("third %lx\n", mask());
	return 0;
}

static void *second(void *arg)
{
	sigset_t set;
	printf("second %lx\n", mask());
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	sigaddset(&set, SIGKILL), sigdelset(&set, SIGUSR2), sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, 0);
	join(start(third, 0));
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	join(start(third, 0));
	return 0;
}

int main(void)
{
	sigset_t set;
	pthread_attr_t at;
	pthread_t t;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1), sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	join(start(second, 0));
	printf("main %lx\n", mask());
	pthread_attr_init(&at);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_attr_setsigmask_np(&at, &set);
	fine(pthread_create(&t, &at, third, 0), "pthread_create");
	join(t);
}
