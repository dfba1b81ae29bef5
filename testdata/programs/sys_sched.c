// Scheduling attributes, with structures shorter and longer than the kernel's.
#include "prog.h"
#include <sched.h>
#include <sys/resource.h>

int main(void)
{
	uint32_t a[40];
	memset(a, 0x55, sizeof a);
	result("sched_getattr", syscall(SYS_sched_getattr, 0, a, 48, 0));
	printf("size %u policy %u nice %d, beyond it %x\n", a[0], a[1], a[4], a[12]);
	memset(a, 0x55, sizeof a);
	result("sched_getattr long", syscall(SYS_sched_getattr, 0, a, 160, 0));
	check(a[0] >= 48 && a[0] <= 160, "the size known");
	result("sched_getattr short", syscall(SYS_sched_getattr, 0, a, 47, 0));
	memset(a, 0, sizeof a);
	a[0] = 160, a[39] = 1;
	result("sched_setattr of tomorrow", syscall(SYS_sched_setattr, 0, a, 0));
	check(a[0] < 160, "tells the size known");
	a[39] = 0, a[0] = 48;
	result("sched_setattr", syscall(SYS_sched_setattr, 0, a, 0));
	struct sched_param p = {.sched_priority = 77};
	result("sched_getparam", sched_getparam(0, &p));
	printf("priority %d\n", p.sched_priority);
	struct timespec t = {-1, -1};
	result("sched_rr_get_interval", sched_rr_get_interval(0, &t));
	check(t.tv_sec >= 0 && t.tv_nsec >= 0, "interval");
	result("sched_getscheduler", sched_getscheduler(0));
	result("sched_get_priority_max", sched_get_priority_max(SCHED_FIFO));
	result("getpriority", getpriority(PRIO_PROCESS, 0));
	result("setpriority", setpriority(PRIO_PROCESS, 0, 5));
	result("getpriority", getpriority(PRIO_PROCESS, 0));
	struct rlimit l = {0};
	result("getrlimit", getrlimit(RLIMIT_NOFILE, &l));
	check(l.rlim_cur > 0 && l.rlim_max >= l.rlim_cur, "limit");
	l.rlim_cur = 100;
	struct rlimit old = {0};
	result("prlimit", prlimit(0, RLIMIT_NOFILE, &l, &old));
	check(old.rlim_max == l.rlim_max, "old limit");
	result("dup beyond it", fcntl(0, F_DUPFD, 100));
	unsigned long mask[16];
	memset(mask, 0x55, sizeof mask);
	long n = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
	check(n > 0 && n <= (long)sizeof mask && (n == sizeof mask || mask[n / 8] == 0x5555555555555555), "sched_getaffinity");
	result("sched_getaffinity short", syscall(SYS_sched_getaffinity, 0, 1, mask));
	result("ioprio_get", syscall(SYS_ioprio_get, 1, 0) >= 0);
	unsigned cpu = -1, node = -1;
	result("getcpu", syscall(SYS_getcpu, &cpu, &node, 0));
	check(cpu < 4096 && node < 4096, "cpu and node");
}
