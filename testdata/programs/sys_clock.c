// time, gettimeofday and clock_gettime agree, by vDSO and by system call.
#include "prog.h"
#include <sys/time.h>
#include <time.h>

static int64_t ns(struct timespec t) { return t.tv_sec * 1000000000L + t.tv_nsec; }

int main(void)
{
	struct timespec a, b, c;
	struct timeval tv;
	struct timezone tz;
	time_t t;
	static const int ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
	for (int i = 0; i < 6; i++) {
		must(clock_gettime(ids[i], &a), "clock_gettime");
		must(syscall(SYS_clock_gettime, ids[i], &b), "clock_gettime");
		must(clock_gettime(ids[i], &c), "clock_gettime");
		printf("clock %d ", ids[i]);
		check(ns(a) <= ns(b) && ns(b) <= ns(c), "monotonic");
	}
	int64_t last = 0, bad = 0;
	for (int i = 0; i < 20000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &a);
		bad += ns(a) < last;
		last = ns(a);
	}
	check(!bad, "20000 times monotonic");
	clock_gettime(CLOCK_REALTIME_COARSE, &a);
	t = time(0);
	syscall(SYS_time, &t);
	gettimeofday(&tv, &tz);
	clock_gettime(CLOCK_REALTIME, &c);
	check(a.tv_sec <= t && t <= tv.tv_sec && tv.tv_sec <= c.tv_sec && c.tv_sec - a.tv_sec < 10, "agree");
	check(syscall(SYS_gettimeofday, &tv, 0) == 0 && tv.tv_sec >= t, "gettimeofday system call");
	result("clock_getres", clock_getres(CLOCK_MONOTONIC, &b));
	printf("%ld ns\n", b.tv_nsec);
	result("bad clock", clock_gettime(99, &b));
}
