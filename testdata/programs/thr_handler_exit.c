// Threads that end inside a signal handler, by pthread_exit and by the exit system call.
#include "thread.h"

static volatile int ended;

static void leave(int sig, siginfo_t *si, void *uc)
{
	__atomic_fetch_add(&ended, 1, __ATOMIC_RELEASE);
	if (sig == SIGUSR1)
		pthread_exit((void *)8);
	syscall(SYS_exit, 0);
}

static void *raises(void *arg)
{
	raise((long)arg);
	return 0;
}

int main(void)
{
	handle(SIGUSR1, leave, 0);
	handle(SIGUSR2, leave, 0);
	for (int i = 0; i < 5; i++)
		printf("%ld ", join(start(raises, SIGUSR1)));
	start(raises, SIGUSR2);
	until(&ended, 6);
	printf("ended %d\n", ended);
}
