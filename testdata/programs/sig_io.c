// SIGIO by F_SETOWN, F_SETSIG and O_ASYNC: which descriptor, which band.
#include "prog.h"
#include <poll.h>
#include <sys/socket.h>

static volatile int n, fd, band, code;
static void handler(int sig, siginfo_t *si, void *uc)
{
	fd = si->si_fd, band = si->si_band, code = si->si_code;
	n++;
}

int main(void)
{
	int s[2];
	char c;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	handle(SIGIO, handler, 0);
	handle(SIGRTMIN, handler, 0);
	result("F_SETOWN", fcntl(s[0], F_SETOWN, getpid()));
	check(fcntl(s[0], F_GETOWN) == getpid(), "F_GETOWN");
	result("O_ASYNC", fcntl(s[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	write(s[1], "x", 1);
	while (n < 1)
		usleep(100);
	printf("SIGIO %d\n", n);
	read(s[0], &c, 1);
	n = 0;
	result("F_SETSIG", fcntl(s[0], F_SETSIG, SIGRTMIN));
	printf("F_GETSIG %d\n", fcntl(s[0], F_GETSIG) == SIGRTMIN);
	write(s[1], "y", 1);
	while (n < 1)
		usleep(100);
	printf("descriptor %d in %d code %d\n", fd == s[0], (band & POLLIN) != 0, code == POLL_IN);
	fcntl(s[0], F_SETFL, 0);
	n = 0;
	write(s[1], "z", 1);
	printf("none %d\n", n);
}
