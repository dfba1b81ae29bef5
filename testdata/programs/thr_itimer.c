// ITIMER_REAL and ITIMER_PROF of a process are taken by the only thread that is willing.
#include "thread.h"
#include <sys/time.h>

static __thread volatile int mine;
static volatile int stop;

static void handler(int sig, siginfo_t *si, void *uc)
{
	mine++;
}

static void *willing(void *arg)
{
	sigset_t set;
	sigemptyset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	for (volatile long n = 0; mine < 5; n++)
		;
	stop = 1;
	return (void *)(long)(mine >= 5);
}

static void *unwilling(void *arg)
{
	for (volatile long n = 0; !stop; n++)
		;
	return (void *)(long)mine;
}

static void try(int which, int sig)
{
	struct itimerval it = {{0, 2000}, {0, 2000}}, off = {0};
	handle(sig, handler, SA_RESTART);
	stop = 0;
	pthread_t w = start(willing, 0), u = start(unwilling, 0);
	setitimer(which, &it, 0);
	printf("willing %ld unwilling %ld main %d\n", join(w), join(u), mine);
	setitimer(which, &off, 0);
}

int main(void)
{
	sigset_t set;
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, 0);
	try(ITIMER_REAL, SIGALRM);
	try(ITIMER_PROF, SIGPROF);
}
