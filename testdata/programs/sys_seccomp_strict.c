// seccomp's strict mode: read, write and exit go on, anything else kills.
#include "prog.h"
#include <linux/seccomp.h>
#include <sys/prctl.h>

static int child(int bad)
{
	int st, p[2];
	char c;
	must(pipe(p), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		write(p[1], "x", 1);
		read(p[0], &c, 1);
		if (bad)
			syscall(SYS_getpid);
		syscall(SYS_exit, c);
	}
	waitpid(pid, &st, 0);
	return WIFSIGNALED(st) ? 1000 + WTERMSIG(st) : WEXITSTATUS(st);
}

int main(void)
{
	printf("%d\n", child(0));
	printf("%d\n", child(1));
}
