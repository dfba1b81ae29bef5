// sigwaitinfo, sigtimedwait and sigwait.
#include "prog.h"
#include <time.h>

int main(void)
{
	sigset_t m;
	siginfo_t si;
	struct timespec ts = {0, 3000000};
	sigemptyset(&m), sigaddset(&m, SIGUSR1), sigaddset(&m, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &m, 0);
	result("sigtimedwait nothing", sigtimedwait(&m, &si, &ts));
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
	check(sigwaitinfo(&m, &si) == SIGRTMIN, "sigwaitinfo");
	printf("value %d SI_QUEUE %d us %d\n", si.si_value.sival_int, si.si_code == SI_QUEUE, si.si_pid == getpid());
	kill(getpid(), SIGUSR1);
	int sig = 0;
	printf("sigwait %d", sigwait(&m, &sig));
	printf(" %d\n", sig);
	ts.tv_nsec = 0;
	result("poll", sigtimedwait(&m, 0, &ts));
}
