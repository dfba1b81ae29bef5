// flags: -Wno-deprecated-declarations
// vfork: the child borrows the memory; exec and _exit from it.
#include "prog.h"

static volatile int seen;

int main(void)
{
	int st;
	pid_t pid = vfork();
	if (!pid) {
		seen = 12;
		_exit(3);
	}
	waitpid(pid, &st, 0);
	printf("status %d seen %d\n", WEXITSTATUS(st), seen);
	fflush(stdout);
	for (int i = 0; i < 5; i++) {
		pid = vfork();
		if (!pid) {
			execl("/bin/sh", "sh", "-c", "echo from the shell; exit 4", (char *)0);
			_exit(127);
		}
		waitpid(pid, &st, 0);
		printf("status %d\n", WEXITSTATUS(st));
		fflush(stdout);
	}
	pid = vfork();
	if (!pid) {
		execl("/nonexistent", "x", (char *)0);
		seen = errno;
		_exit(127);
	}
	waitpid(pid, &st, 0);
	printf("status %d errno %s\n", WEXITSTATUS(st), strerrorname_np(seen));
}
