// vfork: the parent sleeps until the child execs or exits, memory is shared, signals wait.
#include "prog.h"

static volatile int shared, signals;
static void handler(int sig, siginfo_t *si, void *uc)
{
	signals = shared;
}

int main(void)
{
	int st;
	handle(SIGUSR1, handler, 0);
	pid_t pid = vfork();
	if (!pid) {
		kill(getppid(), SIGUSR1);
		shared = 1;
		usleep(10000);
		shared = 2;
		_exit(6);
	}
	printf("shared %d signal handled at %d\n", shared, signals);
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
	pid = vfork();
	if (!pid) {
		shared = 3;
		execl("/bin/sh", "sh", "-c", "exit 11", (char *)0);
		_exit(99);
	}
	waitpid(pid, &st, 0);
	printf("shared %d status %d\n", shared, WEXITSTATUS(st));
	pid = vfork();
	if (!pid) {
		execl("/nonexistent", "x", (char *)0);
		shared = errno;
		_exit(7);
	}
	waitpid(pid, &st, 0);
	printf("error %s status %d\n", strerrorname_np(shared), WEXITSTATUS(st));
	pid = vfork();
	if (!pid) {
		// A vfork child may make another one.
		pid_t inner = vfork();
		if (!inner)
			_exit(9);
		waitpid(inner, &st, 0);
		_exit(WEXITSTATUS(st) + 1);
	}
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
