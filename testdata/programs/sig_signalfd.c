// signalfd: reads what would have been delivered.
#include "prog.h"
#include <poll.h>
#include <sys/signalfd.h>

int main(void)
{
	sigset_t m;
	struct signalfd_siginfo si[4];
	sigemptyset(&m), sigaddset(&m, SIGUSR1), sigaddset(&m, SIGCHLD);
	sigprocmask(SIG_BLOCK, &m, 0);
	int fd = must(signalfd(-1, &m, SFD_NONBLOCK), "signalfd");
	result("read empty", read(fd, si, sizeof si));
	sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1234});
	struct pollfd pf = {fd, POLLIN};
	result("poll", poll(&pf, 1, 100));
	result("read", read(fd, si, sizeof si));
	printf("signal %d value %d from us %d\n", si[0].ssi_signo, si[0].ssi_int, si[0].ssi_pid == (unsigned)getpid());
	pid_t pid = fork();
	if (!pid)
		_exit(3);
	poll(&pf, 1, -1);
	result("read", read(fd, si, sizeof si));
	printf("signal %d status %d child %d\n", si[0].ssi_signo, si[0].ssi_status, si[0].ssi_pid == (unsigned)pid);
	waitpid(pid, 0, 0);
}
