// Times that agree with each other: process time of times(), clock(), /proc and getrusage; start time in the past.
#include "prog.h"
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>

int main(void)
{
	struct timespec boot, cpu;
	struct rusage ru;
	struct tms t;
	char line[1000] = {0};
	clock_t end = clock() + CLOCKS_PER_SEC / 20;
	while (clock() < end)
		;
	times(&t);
	getrusage(RUSAGE_SELF, &ru);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	long us = ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec + ru.ru_stime.tv_sec * 1000000 + ru.ru_stime.tv_usec;
	check(us >= 40000 && us <= cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000 + 20000, "getrusage and clock");
	check((t.tms_utime + t.tms_stime) * 10000 <= us + 20000, "times");
	long utime, stime, since;
	int fd = open("/proc/self/stat", O_RDONLY);
	read(fd, line, sizeof line - 1);
	sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %*d %*d %*d %*d %*d %*d %ld", &utime, &stime, &since);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	check(since <= boot.tv_sec * 100 + boot.tv_nsec / 10000000, "started in the past");
	check((utime + stime) * 10000 >= 30000, "time in /proc");
}
