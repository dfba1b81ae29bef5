// Calls with a temporary mask: the blocked signal is handled inside, the mask is back after it.
#include "prog.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static volatile int n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	n++;
}

static void try(const char *what, int way)
{
	sigset_t none, set;
	struct timespec t = {10, 0};
	struct epoll_event ev;
	sigemptyset(&none);
	n = 0;
	kill(getpid(), SIGUSR1);
	printf("before %d ", n);
	long r = way == 0 ? ppoll(0, 0, &t, &none) : way == 1 ? pselect(0, 0, 0, 0, &t, &none) :
		way == 2 ? epoll_pwait(epoll_create1(0), &ev, 1, 10000, &none) : sigsuspend(&none);
	printf("after %d ", n);
	result(what, r);
	sigprocmask(SIG_BLOCK, 0, &set);
	printf("blocked %d\n", sigismember(&set, SIGUSR1));
}

int main(void)
{
	sigset_t set;
	handle(SIGUSR1, handler, SA_RESTART);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	try("ppoll", 0), try("pselect", 1), try("epoll_pwait", 2), try("sigsuspend", 3);
}
