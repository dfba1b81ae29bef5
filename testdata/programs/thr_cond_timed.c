// Timed waits on a condition variable, on both clocks: they last long enough, and a signal ends them earlier.
#include "thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond;
static int set;

static struct timespec later(clockid_t clock, long ns)
{
	struct timespec t;
	clock_gettime(clock, &t);
	t.tv_nsec += ns;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static void *setter(void *arg)
{
	pthread_mutex_lock(&lock);
	set = 1;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&lock);
	return 0;
}

static void try(clockid_t clock)
{
	pthread_condattr_t at;
	pthread_condattr_init(&at);
	pthread_condattr_setclock(&at, clock);
	pthread_cond_init(&cond, &at);
	struct timespec end = later(clock, 5000000), now;
	set = 0;
	pthread_mutex_lock(&lock);
	int r;
	do
		r = pthread_cond_timedwait(&cond, &lock, &end);
	while (!r);
	clock_gettime(clock, &now);
	printf("%s\n", strerrorname_np(r));
	check(now.tv_sec > end.tv_sec || now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec, "not too early");
	end = later(clock, 0);
	end.tv_sec += 100;
	pthread_t t = start(setter, 0);
	while (!set)
		r = pthread_cond_timedwait(&cond, &lock, &end);
	pthread_mutex_unlock(&lock);
	join(t);
	printf("%d\n", r);
}

int main(void)
{
	try(CLOCK_REALTIME);
	try(CLOCK_MONOTONIC);
}
