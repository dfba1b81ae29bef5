// A timer with SIGEV_THREAD_ID signals just that thread.
#include "thread.h"

static timer_t timer;
static __thread volatile int mine;
static volatile int elsewhere;
static volatile int tid;

static void handler(int sig, siginfo_t *si, void *uc)
{
	mine++;
	if (gettid() != tid || si->si_code != SI_TIMER || si->si_value.sival_int != 31)
		elsewhere++;
}

static void *target(void *arg)
{
	tid = gettid();
	while (mine < 5)
		usleep(1000);
	return (void *)1;
}

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

int main(void)
{
	handle(SIGRTMIN + 1, handler, 0);
	pthread_t t = start(target, 0);
	until(&tid, 1);
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 31};
	ev.sigev_notify_thread_id = tid;
	result("timer_create", timer_create(CLOCK_MONOTONIC, &ev, &timer));
	struct itimerspec its = {{0, 2000000}, {0, 2000000}};
	result("timer_settime", timer_settime(timer, 0, &its, 0));
	printf("%ld\n", join(t));
	result("timer_delete", timer_delete(timer));
	printf("elsewhere %d, main %d\n", elsewhere, mine);
	ev.sigev_notify_thread_id = 1;
	result("not ours", timer_create(CLOCK_MONOTONIC, &ev, &timer));
}
