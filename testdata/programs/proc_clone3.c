// clone3 for processes: fork-like, with pidfd, signal reset, and errors.
#include "prog.h"
#include <linux/sched.h>

static long clone3(struct clone_args *a, size_t n)
{
	return syscall(SYS_clone3, a, n);
}

int main(void)
{
	int st, pidfd = -1;
	struct clone_args a = {.exit_signal = SIGCHLD};
	pid_t pid = must(clone3(&a, sizeof a), "clone3");
	if (!pid)
		_exit(12);
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));

	a.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
	a.pidfd = (uintptr_t)&pidfd;
	signal(SIGUSR1, SIG_IGN);
	handle(SIGUSR2, (void *)abort, 0);
	pid = must(clone3(&a, sizeof a), "clone3");
	if (!pid) {
		struct sigaction one, two;
		sigaction(SIGUSR1, 0, &one);
		sigaction(SIGUSR2, 0, &two);
		_exit((one.sa_handler == SIG_IGN) + 2 * (two.sa_handler == SIG_DFL));
	}
	siginfo_t si;
	result("waitid", waitid(P_PIDFD, pidfd, &si, WEXITED));
	printf("status %d\n", si.si_status);

	a = (struct clone_args){.exit_signal = 999};
	result("bad signal", clone3(&a, sizeof a));
	a = (struct clone_args){.stack = 4096};
	result("stack without size", clone3(&a, sizeof a));
	result("too small", clone3(&a, 16));
	result("too large", clone3(&a, PAGE + 1));
	result("bad address", clone3((void *)8, sizeof a));
}
