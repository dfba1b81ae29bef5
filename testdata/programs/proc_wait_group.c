// Waiting by process group: waitpid(0), waitpid(-pgid), waitid(P_PGID).
#include "prog.h"

static pid_t child(pid_t group, int status)
{
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		usleep(1000);
		_exit(status);
	}
	if (group >= 0)
		setpgid(pid, group ? group : pid);
	return pid;
}

int main(void)
{
	int st;
	siginfo_t si;
	pid_t a = child(0, 1), b = child(a, 2), c = child(-1, 3);
	result("getpgid", getpgid(a) == a && getpgid(b) == a && getpgid(c) == getpgrp());
	check(waitpid(0, &st, 0) == c, "waitpid(0)");
	printf("status %d\n", WEXITSTATUS(st));
	result("nobody in the own group", waitpid(0, &st, 0));
	int sum = 0;
	check(waitpid(-a, &st, 0) > 0, "waitpid(-group)");
	sum += WEXITSTATUS(st);
	result("waitid", waitid(P_PGID, a, &si, WEXITED));
	sum += si.si_status;
	printf("sum %d\n", sum);
	result("the group is gone", waitpid(-a, &st, 0));
}
