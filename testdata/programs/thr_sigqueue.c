// pthread_sigqueue: values arrive on the thread, in order, none lost.
#include "thread.h"

static volatile int n, wrong, go;
static volatile int tid;

static void handler(int sig, siginfo_t *si, void *uc)
{
	if (gettid() != tid || si->si_value.sival_int != n || si->si_code != SI_QUEUE)
		wrong++;
	n++;
}

static void *takes(void *arg)
{
	sigset_t set;
	tid = gettid();
	until(&go, 1);
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	return 0;
}

int main(void)
{
	sigset_t set;
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	handle(SIGRTMIN, handler, 0);
	pthread_t t = start(takes, 0);
	until(&tid, 1);
	for (int i = 0; i < 50; i++)
		fine(pthread_sigqueue(t, SIGRTMIN, (union sigval){.sival_int = i}), "pthread_sigqueue");
	go = 1;
	join(t);
	printf("%d arrived, %d wrong\n", n, wrong);
}
