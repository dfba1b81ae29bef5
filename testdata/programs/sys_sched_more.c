// sched_getattr, sched_setattr, intervals, limits of priorities, ioprio.
#include "prog.h"
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t min, max;
};

int main(void)
{
	struct attr a = {0};
	struct timespec t;
	struct sched_param p;
	result("sched_getattr", syscall(SYS_sched_getattr, 0, &a, sizeof a, 0));
	printf("size %u policy %u nice %d\n", a.size, a.policy, a.nice);
	result("small", syscall(SYS_sched_getattr, 0, &a, 20, 0));
	a = (struct attr){.size = 48, .policy = SCHED_BATCH, .nice = 7};
	result("sched_setattr", syscall(SYS_sched_setattr, 0, &a, 0));
	printf("policy %d nice %d\n", sched_getscheduler(0), getpriority(PRIO_PROCESS, 0));
	a.policy = 99;
	result("bad policy", syscall(SYS_sched_setattr, 0, &a, 0));
	result("sched_rr_get_interval", sched_rr_get_interval(0, &t));
	result("sched_getparam", sched_getparam(0, &p));
	printf("priority %d\n", p.sched_priority);
	for (int i = 0; i < 7; i++)
		printf("%d-%d ", sched_get_priority_min(i), sched_get_priority_max(i));
	puts("");
	result("SCHED_IDLE", sched_setscheduler(0, SCHED_IDLE, &p));
	result("ioprio_set", syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5));
	result("ioprio_get", syscall(SYS_ioprio_get, 1, 0));
	result("sched_yield", sched_yield());
	result("nobody", sched_getscheduler(1 << 29));
}
