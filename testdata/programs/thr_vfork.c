// vfork and posix_spawn from threads: only the calling thread waits for the child.
#include "thread.h"
#include <spawn.h>

extern char **environ;
static volatile int stop;
static volatile long n;

static void *works(void *arg)
{
	while (!stop)
		n++;
	return 0;
}

static void *spawns(void *arg)
{
	long sum = 0;
	for (int i = 0; i < 3; i++) {
		pid_t pid;
		int st;
		char *argv[] = {"sh", "-c", "exit $0", (char[]){'1' + i + (long)arg, 0}, 0};
		fine(posix_spawn(&pid, "/bin/sh", 0, 0, argv, environ), "posix_spawn");
		waitpid(pid, &st, 0);
		sum += WEXITSTATUS(st);
	}
	return (void *)sum;
}

static void *vforks(void *arg)
{
	int st;
	pid_t pid = vfork();
	if (!pid) {
		long was = n;
		while (n == was)
			; // the other thread runs on
		_exit(5);
	}
	waitpid(pid, &st, 0);
	return (void *)(long)WEXITSTATUS(st);
}

int main(void)
{
	printf("spawned %ld\n", crowd(3, spawns));
	pthread_t t = start(works, 0);
	printf("vforked %ld\n", join(start(vforks, 0)));
	stop = 1;
	join(t);
}
