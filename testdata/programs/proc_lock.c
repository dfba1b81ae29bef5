// flock and fcntl locks between processes: contention, waiting, release at exit, open file description locks.
#include "prog.h"
#include <sys/file.h>

int main(void)
{
	char name[] = "/tmp/programXXXXXX", c;
	int fd = must(mkstemp(name), "mkstemp"), other = must(open(name, O_RDWR), "open"), p[2], q[2], st;
	unlink(name);
	must(pipe(p), "pipe"), must(pipe(q), "pipe");
	result("flock", flock(fd, LOCK_EX));
	result("other description", flock(other, LOCK_EX | LOCK_NB));
	result("shared", flock(fd, LOCK_SH));
	result("other description", flock(other, LOCK_SH | LOCK_NB));
	result("unlock", flock(fd, LOCK_UN));
	flock(other, LOCK_UN);
	pid_t pid = must(fork(), "fork");
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
	if (!pid) {
		must(fcntl(fd, F_SETLK, &lock), "F_SETLK");
		write(p[1], "l", 1);
		read(q[0], &c, 1);
		usleep(5000);
		_exit(0);
	}
	read(p[0], &c, 1);
	struct flock probe = lock;
	fcntl(fd, F_GETLK, &probe);
	check(probe.l_type == F_WRLCK && probe.l_pid == pid, "held by the child");
	result("F_SETLK", fcntl(fd, F_SETLK, &lock));
	write(q[1], "g", 1);
	result("F_SETLKW", fcntl(fd, F_SETLKW, &lock));
	result("beyond", fcntl(fd, F_SETLK, &(struct flock){.l_type = F_WRLCK, .l_start = 10, .l_len = 5}));
	waitpid(pid, &st, 0);
	struct flock own = {.l_type = F_WRLCK, .l_start = 100, .l_len = 1};
	result("F_OFD_SETLK", fcntl(fd, F_OFD_SETLK, &own));
	own.l_pid = 0;
	result("other description", fcntl(other, F_OFD_SETLK, &own));
	result("first again", fcntl(fd, F_OFD_SETLK, &own));
}
