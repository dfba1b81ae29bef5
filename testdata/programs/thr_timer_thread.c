// A timer with SIGEV_THREAD runs its function in threads of libc's.
#include "thread.h"

static sem_t fired;
static volatile int wrong;

static void tick(union sigval v)
{
	if (v.sival_int != 55 || gettid() == getpid())
		wrong++;
	sem_post(&fired);
}

int main(void)
{
	timer_t timer;
	sem_init(&fired, 0, 0);
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tick, .sigev_value.sival_int = 55};
	result("timer_create", timer_create(CLOCK_MONOTONIC, &ev, &timer));
	struct itimerspec its = {{0, 3000000}, {0, 3000000}};
	result("timer_settime", timer_settime(timer, 0, &its, 0));
	for (int i = 0; i < 5; i++)
		sem_wait(&fired);
	result("timer_delete", timer_delete(timer));
	printf("wrong %d\n", wrong);
}
