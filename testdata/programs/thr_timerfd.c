// timerfd read by a thread while others compute: expirations add up.
#include "thread.h"
#include <sys/timerfd.h>

static volatile int stop;

static void *compute(void *arg)
{
	volatile long n = 0;
	while (!stop)
		n++;
	return 0;
}

static void *ticks(void *arg)
{
	uint64_t n, sum = 0;
	while (sum < 10) {
		must(read((long)arg, &n, 8), "read");
		sum += n;
	}
	return (void *)1;
}

int main(void)
{
	int fd = must(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
	struct itimerspec its = {{0, 2000000}, {0, 1000000}}, now;
	pthread_t c = start(compute, 0), t = start(ticks, fd);
	result("timerfd_settime", timerfd_settime(fd, 0, &its, 0));
	printf("%ld\n", join(t));
	stop = 1;
	join(c);
	result("timerfd_gettime", timerfd_gettime(fd, &now));
	printf("interval %ld\n", now.it_interval.tv_nsec);
}
