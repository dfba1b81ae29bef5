// PR_SET_PDEATHSIG: a child is told that its parent has died.
#include "prog.h"
#include <sys/prctl.h>

int main(void)
{
	int p[2], st, sig = 0, v = 0;
	must(pipe(p), "pipe");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		sigprocmask(SIG_BLOCK, &set, 0);
		int q[2];
		must(pipe(q), "pipe");
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGUSR2);
			prctl(PR_GET_PDEATHSIG, &v);
			write(q[1], &v, sizeof v);
			sigwait(&set, &sig);
			write(p[1], &sig, sizeof sig);
			_exit(8);
		}
		read(q[0], &v, sizeof v);
		_exit(v == SIGUSR2);
	}
	waitpid(pid, &st, 0);
	printf("set %d\n", WEXITSTATUS(st));
	read(p[0], &sig, sizeof sig);
	printf("told %d\n", sig == SIGUSR2);
	wait(&st);
	printf("status %d\n", WEXITSTATUS(st));
	result("bad signal", prctl(PR_SET_PDEATHSIG, 99));
}
