// wait4 and getrusage of children: times and faults add up only when they are waited for.
#include "prog.h"
#include <sys/resource.h>
#include <time.h>

static long us(struct timeval t)
{
	return t.tv_sec * 1000000 + t.tv_usec;
}

int main(void)
{
	struct rusage before, one, after;
	int st;
	getrusage(RUSAGE_CHILDREN, &before);
	printf("before %ld\n", us(before.ru_utime) + us(before.ru_stime) + before.ru_minflt);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		char *p = pages(500, PROT_READ | PROT_WRITE);
		for (int i = 0; i < 500; i++)
			p[i * PAGE] = 1;
		clock_t end = clock() + CLOCKS_PER_SEC / 50;
		while (clock() < end)
			;
		_exit(0);
	}
	check(wait4(pid, &st, 0, &one) == pid, "wait4");
	getrusage(RUSAGE_CHILDREN, &after);
	check(us(one.ru_utime) + us(one.ru_stime) >= 15000, "time of the child");
	check(us(after.ru_utime) + us(after.ru_stime) >= us(one.ru_utime) + us(one.ru_stime), "times add up");
	check(one.ru_minflt >= 500, "faults of the child");
	check(after.ru_minflt >= one.ru_minflt, "faults add up");
}
