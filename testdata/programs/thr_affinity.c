// Affinity of threads: inherited, own, seen by getcpu.
#include "thread.h"

static cpu_set_t all;

static void *narrow(void *arg)
{
	cpu_set_t one, now;
	int first = 0;
	unsigned cpu, node;
	pthread_getaffinity_np(pthread_self(), sizeof now, &now);
	long bad = !CPU_EQUAL(&now, &all);
	while (!CPU_ISSET(first, &all))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	bad += pthread_setaffinity_np(pthread_self(), sizeof one, &one) != 0;
	pthread_getaffinity_np(pthread_self(), sizeof now, &now);
	bad += !CPU_EQUAL(&now, &one);
	for (int i = 0; i < 20; i++) {
		sched_yield();
		bad += getcpu(&cpu, &node) || cpu != first || sched_getcpu() != first;
	}
	return (void *)bad;
}

int main(void)
{
	cpu_set_t now, none;
	must(sched_getaffinity(0, sizeof all, &all), "sched_getaffinity");
	printf("bad %ld\n", crowd(4, narrow));
	sched_getaffinity(0, sizeof now, &now);
	check(CPU_EQUAL(&now, &all), "main's is as before");
	CPU_ZERO(&none);
	result("none", sched_setaffinity(0, sizeof none, &none));
	result("no such thread", sched_setaffinity(1 << 29, sizeof all, &all));
	check(sysconf(_SC_NPROCESSORS_ONLN) >= CPU_COUNT(&all), "processors");
}
