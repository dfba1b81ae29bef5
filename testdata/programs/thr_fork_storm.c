// Several threads fork and wait at once, each for its own children.
#include "thread.h"

static void *forks(void *arg)
{
	long sum = 0, me = (long)arg;
	for (int i = 0; i < 6; i++) {
		int st;
		pid_t pid = must(fork(), "fork");
		if (!pid)
			_exit(me * 10 + i);
		must(waitpid(pid, &st, 0), "waitpid");
		sum += WEXITSTATUS(st);
	}
	return (void *)sum;
}

int main(void)
{
	printf("sum %ld\n", crowd(4, forks));
	result("no child left", waitpid(-1, 0, 0));
}
