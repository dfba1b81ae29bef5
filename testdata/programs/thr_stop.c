// SIGSTOP stops all threads of a process, SIGCONT lets them go on.
#include "thread.h"

static volatile long *n; // shared with the parent

static void *counts(void *arg)
{
	for (;;) {
		__atomic_fetch_add(&n[(long)arg], 1, __ATOMIC_RELAXED);
		usleep(100);
	}
}

static long total(void)
{
	return n[0] + n[1] + n[2];
}

int main(void)
{
	n = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		start(counts, 1), start(counts, 2);
		counts(0);
	}
	int st;
	for (int i = 0; i < 3; i++)
		while (!n[i])
			usleep(100);
	kill(pid, SIGSTOP);
	waitpid(pid, &st, WUNTRACED);
	printf("stopped %d\n", WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
	long at = total();
	usleep(20000);
	check(total() == at, "no thread runs");
	kill(pid, SIGCONT);
	waitpid(pid, &st, WCONTINUED);
	printf("continued %d\n", WIFCONTINUED(st) != 0);
	for (int i = 0; i < 3; i++)
		for (long was = n[i]; n[i] == was;)
			usleep(100);
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	printf("killed %d\n", WTERMSIG(st));
}
