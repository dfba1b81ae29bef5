// Nobody traces: TracerPid of this process, of a thread and of a child.
#include "thread.h"

static long tracer(const char *path)
{
	char line[200];
	long pid = -1;
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		sscanf(line, "TracerPid: %ld", &pid);
	if (f)
		fclose(f);
	return pid;
}

static void *asks(void *arg)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/self/task/%d/status", gettid());
	return (void *)tracer(path);
}

int main(void)
{
	int st;
	printf("process %ld\n", tracer("/proc/self/status"));
	printf("thread %ld\n", join(start(asks, 0)));
	pid_t pid = must(fork(), "fork");
	if (!pid)
		_exit(tracer("/proc/self/status"));
	waitpid(pid, &st, 0);
	printf("child %d\n", WEXITSTATUS(st));
}
