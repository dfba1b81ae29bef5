// Descriptors across execve: O_CLOEXEC of every call that makes one.
#include "prog.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

int main(int argc, char **argv)
{
	if (argc > 1) {
		for (char *p = argv[1]; *p; p++)
			printf("%c: %s\n", *p, fcntl(100 + (p - argv[1]), F_GETFD) == -1 ? "closed" : "open");
		return 0;
	}
	int p[2], s[2];
	sigset_t set;
	sigemptyset(&set);
	must(pipe2(p, O_CLOEXEC), "pipe2");
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), "socketpair");
	int made[] = {
		open("/dev/null", O_RDONLY), open("/dev/null", O_RDONLY | O_CLOEXEC), p[0], s[0], eventfd(0, EFD_CLOEXEC),
		eventfd(0, 0), epoll_create1(EPOLL_CLOEXEC), signalfd(-1, &set, SFD_CLOEXEC),
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), memfd_create("x", MFD_CLOEXEC), memfd_create("x", 0),
	};
	int n = sizeof made / sizeof *made;
	for (int i = 0; i < n; i++)
		fcntl(made[i], fcntl(made[i], F_GETFD) & FD_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 100 + i);
	dup3(1, 100 + n, O_CLOEXEC);
	dup2(100 + n, 101 + n);
	execl("/proc/self/exe", argv[0], "foPsecESTMmdD", (char *)0);
}
