// setitimer, alarm and timer_create count down and arrive with their siginfo.
#include "prog.h"
#include <sys/time.h>
#include <time.h>

static volatile int n, code, value;
static void fired(int sig, siginfo_t *si, void *uc)
{
	n++;
	code = si->si_code;
	value = si->si_value.sival_int;
}

int main(void)
{
	handle(SIGALRM, fired, 0);
	handle(SIGVTALRM, fired, 0);
	handle(SIGRTMIN + 2, fired, 0);
	struct itimerval it = {{0, 2000}, {0, 2000}}, old;
	setitimer(ITIMER_REAL, &it, 0);
	while (n < 5)
		pause();
	it = (struct itimerval){0};
	result("setitimer off", setitimer(ITIMER_REAL, &it, &old));
	check(old.it_interval.tv_usec == 2000, "old interval");
	printf("SI_KERNEL %d\n", code == SI_KERNEL);
	n = 0;
	it.it_value.tv_usec = 10000;
	setitimer(ITIMER_VIRTUAL, &it, 0);
	for (volatile long i = 0; !n; i++)
		;
	printf("virtual %d\n", n);
	timer_t t;
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2, .sigev_value.sival_int = 99};
	must(timer_create(CLOCK_MONOTONIC, &ev, &t), "timer_create");
	struct itimerspec its = {.it_value = {0, 3000000}}, rest;
	n = 0;
	result("timer_settime", timer_settime(t, 0, &its, 0));
	while (!n)
		pause();
	printf("SI_TIMER %d value %d overrun %d\n", code == SI_TIMER, value, timer_getoverrun(t));
	result("timer_gettime", timer_gettime(t, &rest));
	printf("rest %ld\n", rest.it_value.tv_nsec);
	result("timer_delete", timer_delete(t));
	n = 0;
	alarm(1);
	while (!n)
		pause();
	puts("alarm");
}
