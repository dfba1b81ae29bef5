// Threads are made and end while their process is stopped and continued.
#include "stop.h"

static void *ends(void *arg) { return arg; }

static void *makes(void *arg)
{
	for (;;) {
		pthread_t a = start(ends, 1), b = start(ends, 2);
		if (join(a) + join(b) != 3)
			_exit(1);
		count((long)arg);
	}
}

static void job(void)
{
	start(makes, 0);
	makes((void *)1);
}

int main(void)
{
	pid_t pid = child(job);
	for (int n = 0; n < 10; n++) {
		await(0, seen[0] + 1), await(1, seen[1] + 1);
		check(stop(pid) == SIGSTOP, "stopped");
		long was = seen[0] + seen[1];
		usleep(1000);
		check(seen[0] + seen[1] == was, "nobody runs");
		check(cont(pid), "continued");
	}
	await(0, seen[0] + 1), await(1, seen[1] + 1);
	check(stop(pid) == SIGSTOP, "stopped");
	printf("killed %d\n", killed(pid));
}
