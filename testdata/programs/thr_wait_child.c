// A child of one thread can be waited for by another, except with __WNOTHREAD.
#include "thread.h"

static volatile pid_t pid;

static void *forks(void *arg)
{
	pid_t p = must(fork(), "fork");
	if (!p)
		_exit(44);
	pid = p;
	until((volatile int *)arg, 1);
	return 0;
}

int main(void)
{
	volatile int go = 0;
	int st = 0;
	pthread_t t = start(forks, (long)&go);
	until(&pid, 1);
	result("__WNOTHREAD", waitpid(pid, &st, __WNOTHREAD));
	check(waitpid(pid, &st, 0) == pid, "waitpid");
	printf("status %d\n", WEXITSTATUS(st));
	go = 1;
	join(t);
}
