// CPU time: the process's is at least that of each thread; a sleeping thread uses little.
#include "thread.h"

static volatile int stop, tid;

static long ns(clockid_t c)
{
	struct timespec t;
	must(clock_gettime(c, &t), "clock_gettime");
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *sleeps(void *arg)
{
	tid = gettid();
	until(&stop, 1);
	return 0;
}

static void *burns(void *arg)
{
	long end = ns(CLOCK_THREAD_CPUTIME_ID) + 20000000;
	while (ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
	return (void *)(long)(ns(CLOCK_PROCESS_CPUTIME_ID) >= ns(CLOCK_THREAD_CPUTIME_ID));
}

int main(void)
{
	clockid_t c;
	pthread_t s = start(sleeps, 0);
	blocked(&tid);
	printf("%ld\n", join(start(burns, 0)));
	fine(pthread_getcpuclockid(s, &c), "pthread_getcpuclockid");
	check(ns(c) < ns(CLOCK_PROCESS_CPUTIME_ID), "the sleeper's");
	check(ns(CLOCK_THREAD_CPUTIME_ID) <= ns(CLOCK_PROCESS_CPUTIME_ID), "main's");
	stop = 1;
	join(s);
}
