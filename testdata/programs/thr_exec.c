// execve from a thread: the others are gone, the new program has the leader's tid.
#include "thread.h"

static char **argv;

static void *exec(void *arg)
{
	char pid[16];
	sprintf(pid, "%d", getpid());
	check(gettid() != getpid(), "not the leader");
	fflush(stdout);
	execv("/proc/self/exe", (char *[]){argv[0], pid, 0});
	return 0;
}

static void *sleeper(void *arg)
{
	pause();
	return 0;
}

int main(int argc, char **av)
{
	argv = av;
	if (argc > 1) {
		check(atoi(argv[1]) == getpid(), "the same pid");
		check(gettid() == getpid(), "now the leader");
		check(access("/proc/self/task", F_OK) == 0, "tasks");
		printf("joined: %ld\n", join(start((void *(*)(void *))labs, -6)));
		return 17;
	}
	start(sleeper, 0), start(sleeper, 0);
	join(start(exec, 0));
}
