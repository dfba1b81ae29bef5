// An orphan gets another parent: init, or the nearest subreaper.
#include "prog.h"
#include <sys/prctl.h>

int main(void)
{
	int p[2], st, seen[2];
	must(pipe(p), "pipe");
	must(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
	pid_t me = getpid(), pid = must(fork(), "fork");
	if (!pid) {
		pid_t parent = getpid();
		if (!fork()) {
			while (getppid() == parent)
				usleep(100);
			seen[0] = getppid() == me, seen[1] = parent;
			write(p[1], seen, sizeof seen);
			_exit(12);
		}
		_exit(11);
	}
	check(waitpid(pid, &st, 0) == pid, "the child");
	printf("status %d\n", WEXITSTATUS(st));
	read(p[0], seen, sizeof seen);
	printf("adopted %d, from the child %d\n", seen[0], seen[1] == pid);
	check(wait(&st) > 0, "the grandchild");
	printf("status %d\n", WEXITSTATUS(st));
	result("nobody else", wait(&st));
}
