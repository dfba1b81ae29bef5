// nanosleep and clock_nanosleep: duration, interruption, remaining time.
#include "prog.h"
#include <sys/time.h>
#include <time.h>

static void tick(int sig) { (void)sig; }

int main(void)
{
	struct timespec a, b, req = {0, 10000000}, rem = {7, 7};
	clock_gettime(CLOCK_MONOTONIC, &a);
	result("nanosleep", nanosleep(&req, &rem));
	clock_gettime(CLOCK_MONOTONIC, &b);
	check((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >= 10000000, "long enough");
	printf("rem untouched %ld %ld\n", rem.tv_sec, rem.tv_nsec);
	signal(SIGALRM, tick);
	ualarm(10000, 0);
	req.tv_sec = 3;
	result("interrupted", nanosleep(&req, &rem));
	check(rem.tv_sec == 2 || rem.tv_sec == 3, "remaining time");
	ualarm(10000, 0);
	rem.tv_sec = 9;
	printf("clock_nanosleep %s\n", strerrorname_np(clock_nanosleep(CLOCK_MONOTONIC, 0, &req, &rem)));
	check(rem.tv_sec == 2 || rem.tv_sec == 3, "remaining time");
	clock_gettime(CLOCK_MONOTONIC, &a);
	a.tv_nsec += 5000000;
	if (a.tv_nsec >= 1000000000)
		a.tv_nsec -= 1000000000, a.tv_sec++;
	printf("absolute %d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &a, 0));
	clock_gettime(CLOCK_MONOTONIC, &b);
	check(b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec), "reached");
	req.tv_nsec = -1;
	result("invalid", nanosleep(&req, 0));
	usleep(1000);
	alarm(100);
	check(alarm(0) > 0, "alarm returns the rest");
}
