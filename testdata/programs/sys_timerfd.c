// timerfd: relative and absolute, repeated, read and poll, non-blocking, cancelled, errors.
#include "prog.h"
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>

int main(void)
{
	struct itimerspec its = {{0}, {0, 3000000}}, old;
	uint64_t n = 0;
	int fd = must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
	result("not set", read(fd, &n, 8));
	result("set", timerfd_settime(fd, 0, &its, 0));
	struct pollfd p = {fd, POLLIN};
	result("poll", poll(&p, 1, -1));
	result("read", read(fd, &n, 8));
	printf("expired %lu\n", n);
	result("again", read(fd, &n, 8));
	its.it_interval.tv_nsec = 1000000;
	timerfd_settime(fd, 0, &its, 0);
	usleep(10000);
	read(fd, &n, 8);
	check(n >= 5, "several");
	its = (struct itimerspec){{0}, {50, 0}};
	timerfd_settime(fd, 0, &its, &old);
	printf("old interval %ld\n", old.it_interval.tv_nsec);
	timerfd_gettime(fd, &old);
	check(old.it_value.tv_sec >= 48, "rest");
	clock_gettime(CLOCK_MONOTONIC, &its.it_value);
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, 0);
	poll(&p, 1, -1);
	result("absolute, now", read(fd, &n, 8));
	result("too small", read(fd, &n, 4));
	its = (struct itimerspec){0};
	result("disarm", timerfd_settime(fd, 0, &its, 0));
	result("poll", poll(&p, 1, 1));
	result("bad clock", timerfd_create(77, 0));
	result("bad flags", timerfd_create(CLOCK_MONOTONIC, 1));
	its.it_value.tv_nsec = -1;
	result("bad time", timerfd_settime(fd, 0, &its, 0));
	result("not a timer", timerfd_gettime(1, &old));
}
