// A process whose first thread has ended is stopped and continued.
#include "stop.h"

static pthread_t first;

static void *runs(void *arg)
{
	if (arg)
		fine(pthread_join(first, 0), "pthread_join");
	for (int i = 0; i < 100000; i++) {
		count((long)arg);
		usleep(50);
		if (seen[5])
			_exit(30);
	}
	_exit(1);
}

static void job(void)
{
	first = pthread_self();
	start(runs, 0), start(runs, 1);
	pthread_exit(0);
}

int main(void)
{
	pid_t pid = child(job);
	await(0, 1);
	for (int n = 0; n < 5; n++) {
		check(stop(pid) == SIGSTOP, "stopped");
		long was = seen[0] + seen[1];
		usleep(1000);
		check(seen[0] + seen[1] == was, "nobody runs");
		check(cont(pid), "continued");
		await(0, seen[0] + 1), await(1, seen[1] + 1);
	}
	seen[5] = 1;
	printf("status %d\n", status(pid));
}
