// /proc/self/stat and statm agree with the calls: pids, groups, threads, nice value, sizes within reason.
#include "prog.h"
#include <sys/resource.h>

int main(void)
{
	char line[1000] = {0}, state;
	long pid, ppid, pgrp, sid, prio, nice_value, threads, vsize, rss;
	nice(4);
	int fd = open("/proc/self/stat", O_RDONLY);
	read(fd, line, sizeof line - 1);
	char *rest = strrchr(line, ')');
	*rest = 0;
	sscanf(line, "%ld", &pid);
	printf("name %s\n", strchr(line, '(') + 1);
	sscanf(rest + 2, "%c %ld %ld %ld %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %ld %ld %ld %*d %*u %ld %ld",
		&state, &ppid, &pgrp, &sid, &prio, &nice_value, &threads, &vsize, &rss);
	check(pid == getpid() && ppid == getppid() && pgrp == getpgrp() && sid == getsid(0), "ids");
	printf("state %c priority %ld nice %ld threads %ld\n", state, prio, nice_value, threads);
	check(vsize > 1 << 20 && rss > 100, "sizes");
	// Of what the program itself did not map, there may be little.
	check(vsize < 1l << 30, "virtual size within reason");
	check(rss < 20000, "resident size within reason");
}
