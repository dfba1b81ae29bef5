// getrusage counts what the program did: faults of pages it touched, its own context switches, memory within reason.
#include "prog.h"
#include <sys/resource.h>

int main(void)
{
	struct rusage a, b;
	getrusage(RUSAGE_SELF, &a);
	char *p = pages(1000, PROT_READ | PROT_WRITE);
	madvise(p, 1000 * PAGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < 1000; i++)
		p[i * PAGE] = 1;
	getrusage(RUSAGE_SELF, &b);
	check(b.ru_minflt - a.ru_minflt >= 1000, "faults");
	check(b.ru_minflt - a.ru_minflt < 3000, "not many more");
	for (int i = 0; i < 20; i++)
		usleep(1000); // over before it sleeps, seldom, on a busy machine
	a = b;
	getrusage(RUSAGE_SELF, &b);
	check(b.ru_nvcsw - a.ru_nvcsw >= 10, "switches");
	check(b.ru_maxrss >= 4000 && b.ru_maxrss < 200000, "memory");
	getrusage(RUSAGE_CHILDREN, &b);
	printf("children %ld %ld\n", b.ru_minflt, b.ru_utime.tv_sec + b.ru_utime.tv_usec);
}
