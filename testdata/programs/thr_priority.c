// Nice values and scheduling policies are those of a thread, not of the process.
#include "thread.h"
#include <sys/resource.h>

static void *lower(void *arg)
{
	struct sched_param p = {0};
	result("setpriority", setpriority(PRIO_PROCESS, 0, 5));
	result("getpriority", getpriority(PRIO_PROCESS, 0));
	result("nice", nice(2));
	result("SCHED_BATCH", sched_setscheduler(0, SCHED_BATCH, &p));
	result("sched_getscheduler", sched_getscheduler(0));
	p.sched_priority = 1;
	result("bad priority", sched_setscheduler(0, SCHED_BATCH, &p));
	return 0;
}

static void *inherits(void *arg)
{
	result("inherited", getpriority(PRIO_PROCESS, 0));
	return 0;
}

static void *second(void *arg)
{
	lower(arg);
	join(start(inherits, 0));
	return 0;
}

int main(void)
{
	join(start(second, 0));
	result("main's", getpriority(PRIO_PROCESS, 0));
	result("main's policy", sched_getscheduler(0));
	result("min", sched_get_priority_min(SCHED_FIFO));
	result("max", sched_get_priority_max(SCHED_FIFO));
}
