// setsid: a new session, its leader's rights, what its children inherit.
#include "prog.h"

static void child(void)
{
	pid_t me = getpid();
	check(getsid(0) == getsid(getppid()), "the parent's session");
	check(setsid() == me, "setsid");
	check(getsid(0) == me && getpgrp() == me, "leader of both");
	result("setsid again", setsid());
	result("a leader's group", setpgid(0, 0));
	fflush(stdout);
	int st;
	if (!fork()) {
		check(getsid(0) == me && getpgrp() == me, "inherited");
		result("setpgid", setpgid(0, 0));
		check(getpgrp() == getpid(), "own group");
		result("no terminal", open("/dev/tty", O_RDWR));
		fflush(stdout);
		_exit(3);
	}
	wait(&st);
	printf("status %d\n", WEXITSTATUS(st));
	fflush(stdout);
	_exit(4);
}

int main(void)
{
	int st;
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (!pid)
		child();
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
