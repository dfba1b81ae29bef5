// uname, sysinfo, limits, usage, scheduling: values that agree with each other.
#include "prog.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

int main(void)
{
	struct utsname u;
	struct sysinfo si;
	struct rlimit a, b;
	struct rusage ru;
	struct tms t;
	cpu_set_t set;
	struct timespec ts;
	struct sched_param sp = {-1};
	unsigned cpu = -1, node = -1;
	result("uname", uname(&u));
	printf("%s %s\n", u.sysname, u.machine);
	result("sysinfo", sysinfo(&si));
	check(si.totalram > 0 && si.procs > 0 && si.mem_unit > 0, "sysinfo");
	must(getrlimit(RLIMIT_NOFILE, &a), "getrlimit");
	must(prlimit(0, RLIMIT_NOFILE, 0, &b), "prlimit");
	check(a.rlim_cur == b.rlim_cur && a.rlim_max == b.rlim_max, "limits agree");
	b.rlim_cur = 64;
	result("prlimit", prlimit(0, RLIMIT_NOFILE, &b, &a));
	must(getrlimit(RLIMIT_NOFILE, &a), "getrlimit");
	printf("now %lu\n", (long)a.rlim_cur);
	result("dup beyond", fcntl(1, F_DUPFD, 64));
	result("getrusage", getrusage(RUSAGE_SELF, &ru));
	check(ru.ru_maxrss > 0, "maxrss");
	check(times(&t) != -1, "times");
	int n = syscall(SYS_sched_getaffinity, 0, sizeof set, &set);
	check(n > 0 && n % 8 == 0, "sched_getaffinity");
	check(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) >= 1, "at least one CPU");
	check(getcpu(&cpu, &node) == 0 && CPU_ISSET(cpu, &set), "getcpu is in the set");
	result("getpriority", getpriority(PRIO_PROCESS, 0));
	result("sched_getscheduler", sched_getscheduler(0));
	result("sched_getparam", sched_getparam(0, &sp));
	printf("priority %d\n", sp.sched_priority);
	result("sched_get_priority_max", sched_get_priority_max(SCHED_FIFO));
	result("sched_rr_get_interval", sched_rr_get_interval(0, &ts));
	result("sched_yield", sched_yield());
}
