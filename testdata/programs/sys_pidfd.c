// Processes by descriptor: signals, waiting, borrowing a descriptor.
#include "prog.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int main(void)
{
	int p[2];
	must(pipe(p), "pipe");
	pid_t pid = fork();
	if (!pid) {
		int fd = must(dup2(p[1], 50), "dup2");
		must(write(fd, "r", 1), "write");
		for (;;)
			pause();
	}
	char c;
	must(read(p[0], &c, 1), "read");
	int fd = must(syscall(SYS_pidfd_open, pid, 0), "pidfd_open");
	int got = syscall(SYS_pidfd_getfd, fd, 50, 0);
	check(got >= 0, "pidfd_getfd");
	result("write to it", write(got, "x", 1));
	result("read", read(p[0], &c, 1));
	result("no such descriptor", syscall(SYS_pidfd_getfd, fd, 51, 0));
	uint64_t info[16];
	memset(info, 0x55, sizeof info);
	info[0] = 1;
	int r = ioctl(fd, 0xc040ff0b, info); // PIDFD_GET_INFO
	check(r == -1 || (uint32_t)(info[2] >> 0) != 0, "PIDFD_GET_INFO");
	check(info[8] == 0x5555555555555555, "the rest untouched");
	struct pollfd pf = {fd, POLLIN, 0};
	result("poll, alive", poll(&pf, 1, 0));
	siginfo_t si;
	memset(&si, 0x55, sizeof si);
	result("waitid, alive", waitid(P_PIDFD, fd, &si, WEXITED | WNOHANG));
	printf("pid %d signal %d\n", si.si_pid, si.si_signo);
	result("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGTERM, 0, 0));
	result("poll, dead", poll(&pf, 1, -1));
	result("waitid, dead", waitid(P_PIDFD, fd, &si, WEXITED | WNOWAIT));
	check(si.si_pid == pid, "its pid");
	printf("status %d code %d\n", si.si_status, si.si_code);
	char usage[144];
	memset(usage, 0x55, sizeof usage);
	memset(&si, 0x55, sizeof si);
	result("waitid with usage", syscall(SYS_waitid, P_PIDFD, fd, &si, WEXITED, usage));
	check(usage[143] == 0, "usage");
	memset(&si, 0x55, sizeof si);
	result("waitid again", syscall(SYS_waitid, P_PIDFD, fd, &si, WEXITED, 0));
	printf("signal %d pid %d\n", si.si_signo, si.si_pid);
	result("waitid, bad options", syscall(SYS_waitid, P_PIDFD, fd, &si, 0, 0));
	result("waitid, no siginfo", syscall(SYS_waitid, P_ALL, 0, 0, WEXITED, 0));
}
