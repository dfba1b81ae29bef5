// pidfd_open, poll, pidfd_send_signal, waitid(P_PIDFD), CLONE_PIDFD.
#include "prog.h"
#include <poll.h>
#include <sys/pidfd.h>

int main(void)
{
	siginfo_t si = {0};
	pid_t pid = must(fork(), "fork");
	if (!pid)
		for (;;)
			pause();
	int fd = must(pidfd_open(pid, 0), "pidfd_open");
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC, "close-on-exec");
	struct pollfd p = {fd, POLLIN};
	result("poll", poll(&p, 1, 0));
	result("WNOHANG", waitid(P_PIDFD, fd, &si, WEXITED | WNOHANG));
	printf("pid %d\n", si.si_pid);
	result("signal 0", pidfd_send_signal(fd, 0, 0, 0));
	result("SIGTERM", pidfd_send_signal(fd, SIGTERM, 0, 0));
	result("poll", poll(&p, 1, -1));
	printf("revents %d\n", p.revents);
	result("waitid", waitid(P_PIDFD, fd, &si, WEXITED));
	printf("pid %d code %d status %d\n", si.si_pid == pid, si.si_code == CLD_KILLED, si.si_status);
	result("gone", pidfd_send_signal(fd, SIGTERM, 0, 0));
	result("no child", waitid(P_PIDFD, fd, &si, WEXITED));
	result("no pidfd", waitid(P_PIDFD, 1, &si, WEXITED));
	result("pidfd_open of nobody", pidfd_open(pid, 0));
	int self = must(pidfd_open(getpid(), 0), "pidfd_open");
	result("no such descriptor", pidfd_getfd(self, 999, 0));
	int copy = must(pidfd_getfd(self, 1, 0), "pidfd_getfd");
	check(copy > 2, "a copy of the own");
	int made = -1;
	pid = must(syscall(SYS_clone, 0x1000 /* CLONE_PIDFD */ | SIGCHLD, 0, &made, 0, 0), "clone");
	if (!pid)
		_exit(21);
	result("waitid", waitid(P_PIDFD, made, &si, WEXITED));
	printf("status %d\n", si.si_status);
}
