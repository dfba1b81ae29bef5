// After the first thread has ended, signals to the process reach another one.
#include "thread.h"

static pthread_t leader;
static volatile int n;

static void handler(int sig, siginfo_t *si, void *uc)
{
	n += gettid() != getpid();
}

static void *lives(void *arg)
{
	join(leader);
	for (int i = 1; i <= 10; i++) {
		kill(getpid(), SIGUSR1);
		while (n < i)
			usleep(100);
	}
	printf("handled %d\n", n);
	result("the leader's tid", tgkill(getpid(), getpid(), 0));
	fflush(stdout);
	kill(getpid(), SIGTERM);
	pause();
	return 0;
}

int main(void)
{
	handle(SIGUSR1, handler, 0);
	leader = pthread_self();
	start(lives, 0);
	pthread_exit(0);
}
