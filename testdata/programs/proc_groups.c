// Process groups: setpgid of children, kill of a group, errors.
#include "prog.h"

int main(void)
{
	int st, p[2];
	char c;
	pid_t kids[3];
	must(pipe(p), "pipe");
	for (int i = 0; i < 3; i++) {
		kids[i] = must(fork(), "fork");
		if (!kids[i]) {
			setpgid(0, i ? kids[0] : 0);
			write(p[1], "r", 1);
			for (;;)
				pause();
		}
		result("setpgid", setpgid(kids[i], kids[0]));
	}
	for (int i = 0; i < 3; i++)
		read(p[0], &c, 1);
	check(getpgid(kids[2]) == kids[0], "getpgid");
	check(getpgrp() != kids[0], "not ours");
	result("signal 0", kill(-kids[0], 0));
	result("kill the group", killpg(kids[0], SIGTERM));
	for (int i = 0; i < 3; i++) {
		waitpid(kids[i], &st, 0);
		printf("signal %d\n", WTERMSIG(st));
	}
	result("nobody left", kill(-kids[0], 0));
	result("no such group", setpgid(0, kids[0]));
	result("a stranger", setpgid(1, 0));
	result("negative", setpgid(0, -1));
}
