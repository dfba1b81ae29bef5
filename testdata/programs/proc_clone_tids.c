// clone of a process with parent and child tid words, CLONE_PARENT, and exit signals.
#include "prog.h"
#include <sched.h>

static volatile int got;
static void handler(int sig, siginfo_t *si, void *uc)
{
	got = sig;
}

int main(void)
{
	int st;
	volatile int parent_tid = 0, child_tid = 77;
	pid_t pid = must(syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, 0, &parent_tid, &child_tid, 0), "clone");
	if (!pid)
		_exit((child_tid == getpid()) + 2 * (parent_tid == getpid()));
	check(parent_tid == pid, "parent's word");
	check(child_tid == 77, "child's word is the child's");
	waitpid(pid, &st, 0);
	printf("child saw %d\n", WEXITSTATUS(st));

	handle(SIGUSR2, handler, 0);
	pid = must(syscall(SYS_clone, SIGUSR2, 0, 0, 0, 0), "clone");
	if (!pid)
		_exit(5);
	while (!got)
		usleep(100);
	printf("signal %d\n", got == SIGUSR2);
	result("waitpid", waitpid(pid, &st, 0));
	check(waitpid(pid, &st, __WCLONE) == pid, "__WCLONE");

	pid = must(fork(), "fork");
	if (!pid) {
		pid_t sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (!sibling)
			_exit(30);
		_exit(wait(0) == -1 ? 31 : 32);
	}
	int sum = 0;
	for (int i = 0; i < 2; i++)
		sum += wait(&st) > 0 ? WEXITSTATUS(st) : 1000;
	printf("sum %d\n", sum);
}
