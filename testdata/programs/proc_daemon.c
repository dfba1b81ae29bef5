// daemon(3): forks, detaches, goes to /, and works on after its parent has ended.
#include "prog.h"

int main(void)
{
	int p[2], st;
	char text[200];
	must(pipe(p), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		must(daemon(0, 0), "daemon");
		char dir[100];
		int n = snprintf(text, sizeof text, "in %s, leader %d, stdin %d", getcwd(dir, sizeof dir),
			getsid(0) == getpid(), (int)read(0, dir, 1));
		write(p[1], text, n);
		_exit(0);
	}
	close(p[1]);
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
	long n, got = 0;
	while ((n = read(p[0], text + got, sizeof text - got)) > 0)
		got += n;
	printf("daemon says: %.*s\n", (int)got, text);
}
