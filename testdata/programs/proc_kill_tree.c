// A tree of eight processes, killed from its root by group; all are reaped.
#include "prog.h"
#include <sys/prctl.h>

int main(void)
{
	int ready[2], st;
	char c;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	must(pipe(ready), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		setpgid(0, 0);
		for (int i = 0; i < 3; i++)
			fork();
		write(ready[1], "r", 1);
		for (;;)
			pause();
	}
	for (int i = 0; i < 8; i++)
		read(ready[0], &c, 1);
	result("killpg", killpg(pid, SIGKILL));
	int n = 0, bad = 0;
	while (wait(&st) > 0)
		n++, bad += !WIFSIGNALED(st) || WTERMSIG(st) != SIGKILL;
	printf("reaped %d bad %d\n", n, bad);
}
