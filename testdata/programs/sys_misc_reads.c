// Calls that only tell something: uname, sysinfo, getcpu, times, adjtimex, personality, clock_getres, statfs.
#include "prog.h"
#include <sys/personality.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>

int main(void)
{
	struct utsname u;
	struct sysinfo si;
	struct timex tx = {0};
	struct timespec t;
	struct statfs fs;
	result("uname", uname(&u));
	printf("%s %s\n", u.sysname, u.machine);
	result("sysinfo", sysinfo(&si));
	check(si.uptime > 0 && si.totalram > si.freeram && si.procs > 0, "values");
	check(adjtimex(&tx) >= 0, "adjtimex");
	check(personality(0xffffffff) >= 0, "personality");
	for (int c = 0; c < 12; c++)
		printf("%d:%d ", c, clock_getres(c, &t));
	puts("");
	result("statfs", statfs("/proc", &fs));
	printf("type %lx\n", (long)fs.f_type);
	result("getcwd too small", syscall(SYS_getcwd, (char[2]){0}, 1));
	check(time(0) > 1700000000, "time");
	result("clock_settime", clock_settime(CLOCK_MONOTONIC, &t));
	result("sync", (sync(), 0));
	result("getpriority", syscall(SYS_getpriority, 0, 0));
	result("lookup_dcookie", syscall(212, 0, 0, 0));
	result("ustat", syscall(SYS_ustat, -1, &fs));
}
