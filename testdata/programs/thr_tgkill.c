// tgkill and tkill: right and wrong thread groups, threads that are gone, pending per thread.
#include "thread.h"

static volatile int tid, go;

static void *pends(void *arg)
{
	sigset_t set;
	tid = gettid();
	until(&go, 1);
	sigpending(&set);
	printf("pending in the thread: USR1 %d USR2 %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
	return 0;
}

int main(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1), sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	pthread_t t = start(pends, 0);
	until(&tid, 1);
	result("tgkill", tgkill(getpid(), tid, SIGUSR1));
	result("wrong group", tgkill(1, tid, SIGUSR1));
	result("a thread as group", tgkill(tid, tid, 0));
	result("kill with a tid", kill(tid, 0));
	result("invalid", tgkill(-1, tid, 0));
	sigpending(&set);
	printf("pending in main: USR1 %d\n", sigismember(&set, SIGUSR1));
	kill(getpid(), SIGUSR2);
	go = 1;
	join(t);
	while (!tgkill(getpid(), tid, 0))
		usleep(100);
	result("gone", tgkill(getpid(), tid, SIGUSR1));
	result("gone", syscall(SYS_tkill, tid, SIGUSR1));
	sigpending(&set);
	printf("pending in main: USR1 %d USR2 %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
}
