// fcntl: flags, duplicates, locks, pipe size, seals, owner.
#include "prog.h"

int main(void)
{
	int p[2];
	must(pipe(p), "pipe");
	int fd = tmpfile_fd("0123456789", 10);
	printf("F_GETFL %x\n", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	result("F_SETFL", fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	printf("F_GETFL %x\n", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	result("F_GETFD", fcntl(fd, F_GETFD));
	result("F_SETFD", fcntl(fd, F_SETFD, FD_CLOEXEC));
	result("F_GETFD", fcntl(fd, F_GETFD));
	result("F_DUPFD", fcntl(fd, F_DUPFD, 100));
	result("F_DUPFD_CLOEXEC", fcntl(fd, F_DUPFD_CLOEXEC, 100));
	struct flock l = {.l_type = F_WRLCK, .l_start = 2, .l_len = 3};
	result("F_SETLK", fcntl(fd, F_SETLK, &l));
	pid_t pid = fork();
	if (!pid) {
		struct flock q = {.l_type = F_RDLCK};
		result("F_GETLK", fcntl(fd, F_GETLK, &q));
		printf("type %d start %ld len %ld, holder is parent: %d\n", q.l_type, (long)q.l_start, (long)q.l_len, q.l_pid == getppid());
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, 0, 0);
	l.l_type = F_UNLCK;
	result("F_SETLKW", fcntl(fd, F_SETLKW, &l));
	l.l_type = F_WRLCK, l.l_pid = 0;
	result("F_OFD_GETLK", fcntl(fd, F_OFD_GETLK, &l));
	printf("type %d\n", l.l_type);
	result("F_GETPIPE_SZ", fcntl(p[0], F_GETPIPE_SZ));
	result("F_SETOWN", fcntl(p[0], F_SETOWN, getpid()));
	check(fcntl(p[0], F_GETOWN) == getpid(), "F_GETOWN");
	result("bad descriptor", fcntl(999, F_GETFL));
	result("bad command", fcntl(fd, 9999));
}
