// Futex timeouts in a thread while others compute: relative, absolute on both clocks, and a wake before the end.
#include "thread.h"

static int word;
static volatile int stop, tid;

static void *compute(void *arg)
{
	volatile long n = 0;
	while (!stop)
		n++;
	return 0;
}

static long ms_since(struct timespec *a)
{
	struct timespec b;
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a->tv_sec) * 1000 + (b.tv_nsec - a->tv_nsec) / 1000000;
}

static void *waits(void *arg)
{
	struct timespec t0, t = {0, 8000000};
	clock_gettime(CLOCK_MONOTONIC, &t0);
	result("relative", futex(&word, FUTEX_WAIT, 0, &t, 0, 0));
	check(ms_since(&t0) >= 8, "long enough");
	clock_gettime(CLOCK_MONOTONIC, &t0);
	t = t0;
	t.tv_sec += (t.tv_nsec + 8000000) / 1000000000;
	t.tv_nsec = (t.tv_nsec + 8000000) % 1000000000;
	result("absolute", futex(&word, FUTEX_WAIT_BITSET, 0, &t, 0, -1));
	check(ms_since(&t0) >= 7, "long enough");
	clock_gettime(CLOCK_REALTIME, &t);
	result("realtime", futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &t, 0, -1));
	t = (struct timespec){0, -5};
	result("invalid", futex(&word, FUTEX_WAIT, 0, &t, 0, 0));
	t = (struct timespec){100, 0};
	tid = gettid();
	result("woken", futex(&word, FUTEX_WAIT, 0, &t, 0, 0));
	return 0;
}

int main(void)
{
	pthread_t c = start(compute, 0), w = start(waits, 0);
	until(&tid, 1);
	while (!futex(&word, FUTEX_WAKE, 1, 0, 0, 0))
		usleep(500);
	join(w);
	stop = 1;
	join(c);
}
