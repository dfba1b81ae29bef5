// pidfd_getfd: a descriptor taken out of a child.
#include "prog.h"
#include <sys/pidfd.h>

int main(void)
{
	int p[2], q[2], st;
	char c, buf[20] = {0};
	must(pipe(p), "pipe"), must(pipe(q), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		int fd = tmpfile_fd("the child's file", 16);
		dup2(fd, 77);
		write(p[1], "r", 1);
		read(q[0], &c, 1);
		_exit(lseek(77, 0, SEEK_CUR));
	}
	read(p[0], &c, 1);
	int pf = must(pidfd_open(pid, 0), "pidfd_open"), fd = pidfd_getfd(pf, 77, 0);
	check(fd > 2, "pidfd_getfd");
	result("read", read(fd, buf, 9));
	printf("[%s]\n", buf);
	check(fcntl(fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
	result("not open", pidfd_getfd(pf, 78, 0));
	result("bad flags", pidfd_getfd(pf, 77, 1));
	write(q[1], "g", 1);
	waitpid(pid, &st, 0);
	printf("offset shared %d\n", WEXITSTATUS(st));
	result("gone", pidfd_getfd(pf, 77, 0));
}
