// Threads that only compute stop and go on, with one that sleeps and one that yields.
#include "stop.h"

static void *spins(void *arg)
{
	for (volatile long n = 0;; n++)
		if (n % 1000 == 0)
			count((long)arg);
}

static void *yields(void *arg)
{
	for (;;) {
		count((long)arg);
		sched_yield();
	}
}

static void *sleeps(void *arg)
{
	for (;;) {
		count((long)arg);
		usleep(100);
	}
}

static void job(void)
{
	start(spins, 0), start(yields, 1), start(sleeps, 2);
	spins((void *)3);
}

static long total(void)
{
	return seen[0] + seen[1] + seen[2] + seen[3];
}

int main(void)
{
	pid_t pid = child(job);
	for (int i = 0; i < 4; i++)
		await(i, 1);
	for (int n = 0; n < 3; n++) {
		printf("stopped %d\n", stop(pid) == SIGSTOP);
		long was = total();
		usleep(5000);
		check(total() == was, "nobody runs");
		printf("continued %d\n", cont(pid));
		for (int i = 0; i < 4; i++)
			await(i, seen[i] + 2);
	}
	printf("killed %d\n", killed(pid));
}
