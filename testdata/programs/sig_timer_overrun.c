// POSIX timers while their signal is blocked: one signal, the rest counted as overruns.
#include "prog.h"
#include <time.h>

int main(void)
{
	sigset_t set;
	siginfo_t si;
	timer_t t;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, 0);
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 8};
	must(timer_create(CLOCK_MONOTONIC, &ev, &t), "timer_create");
	struct itimerspec its = {{0, 1000000}, {0, 1000000}}, off = {0};
	must(timer_settime(t, 0, &its, 0), "timer_settime");
	usleep(30000);
	must(sigwaitinfo(&set, &si), "sigwaitinfo");
	check(si.si_code == SI_TIMER && si.si_value.sival_int == 8, "info");
	check(si.si_overrun >= 20, "overruns in the info");
	check(timer_getoverrun(t) == si.si_overrun, "timer_getoverrun");
	timer_settime(t, 0, &off, 0);
	struct timespec past = {0, 0};
	while (sigtimedwait(&set, &si, &past) > 0)
		;
	its = (struct itimerspec){{0}, {1, 0}}; // long ago
	must(timer_settime(t, TIMER_ABSTIME, &its, 0), "timer_settime");
	result("absolute, past", sigwaitinfo(&set, &si) == SIGRTMIN);
	printf("overrun %d\n", si.si_overrun);
	result("timer_delete", timer_delete(t));
	result("timer_delete", timer_delete(t));
	ev.sigev_notify = SIGEV_NONE;
	must(timer_create(CLOCK_MONOTONIC, &ev, &t), "timer_create");
	its = (struct itimerspec){{0}, {100, 0}};
	timer_settime(t, 0, &its, 0);
	timer_gettime(t, &off);
	check(off.it_value.tv_sec >= 98, "SIGEV_NONE counts");
}
