// Fork and exec thirty times, with output through a pipe.
#include "prog.h"

int main(void)
{
	int p[2], st;
	char buf[100];
	must(pipe(p), "pipe");
	uint64_t h = 0;
	int sum = 0;
	for (int i = 0; i < 30; i++) {
		char n[12];
		sprintf(n, "%d", i);
		pid_t pid = must(fork(), "fork");
		if (!pid) {
			dup2(p[1], 1);
			execl("/bin/echo", "echo", "child", n, (char *)0);
			_exit(99);
		}
		must(waitpid(pid, &st, 0), "waitpid");
		long got = read(p[0], buf, sizeof buf);
		h = h * 31 + hash(buf, got);
		sum += WEXITSTATUS(st);
	}
	printf("%016lx %d\n", h, sum);
}
