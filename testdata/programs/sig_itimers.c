// setitimer of all three kinds: repeated, stopped, read, replaced.
#include "prog.h"
#include <sys/time.h>

static volatile int n[3];
static void alrm(int sig, siginfo_t *si, void *uc) { n[0]++; }
static void vtalrm(int sig, siginfo_t *si, void *uc) { n[1]++; }
static void prof(int sig, siginfo_t *si, void *uc) { n[2]++; }

int main(void)
{
	struct itimerval it = {{0, 3000}, {0, 3000}}, off = {0}, now;
	handle(SIGALRM, alrm, SA_RESTART), handle(SIGVTALRM, vtalrm, SA_RESTART), handle(SIGPROF, prof, SA_RESTART);
	for (int kind = 0; kind < 3; kind++) {
		result("set", setitimer(kind, &it, 0));
		for (volatile long i = 0; n[kind] < 5; i++)
			;
		getitimer(kind, &now);
		check(now.it_interval.tv_usec >= 2999 && now.it_interval.tv_usec <= 4000, "interval");
		result("off", setitimer(kind, &off, &now));
		getitimer(kind, &now);
		printf("%ld\n", now.it_value.tv_sec + now.it_value.tv_usec);
	}
	n[0] = 0;
	it = (struct itimerval){{0, 0}, {100, 0}};
	setitimer(ITIMER_REAL, &it, 0);
	check(alarm(50) >= 99, "alarm shares it");
	printf("alarm %d\n", alarm(0) > 0);
	sigset_t block, before; // so that it cannot come ahead of the waiting
	sigemptyset(&block);
	sigaddset(&block, SIGALRM);
	sigprocmask(SIG_BLOCK, &block, &before);
	ualarm(2000, 0);
	while (!n[0])
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, 0);
	printf("once %d\n", n[0]);
	result("bad", setitimer(7, &it, 0));
	it.it_value.tv_usec = 1000000;
	result("bad", setitimer(ITIMER_REAL, &it, 0));
}
