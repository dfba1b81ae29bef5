// Names of threads: inherited, set by themselves and by others, shown in /proc.
#include "thread.h"
#include <sys/prctl.h>

static volatile int tid, go;

static void *named(void *arg)
{
	char name[16];
	pthread_getname_np(pthread_self(), name, sizeof name);
	printf("inherited [%s]\n", name);
	prctl(PR_SET_NAME, "by itself");
	tid = gettid();
	until(&go, 1);
	prctl(PR_GET_NAME, name);
	printf("now [%s]\n", name);
	return 0;
}

int main(void)
{
	char name[16], path[64], text[64] = {0};
	pthread_setname_np(pthread_self(), "leader");
	pthread_t t = start(named, 0);
	until(&tid, 1);
	snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
	int fd = must(open(path, O_RDONLY), "open");
	read(fd, text, sizeof text);
	printf("comm %s", text);
	printf("too long: %s\n", strerrorname_np(pthread_setname_np(t, "longer than fifteen")));
	printf("by main: %d\n", pthread_setname_np(t, "by main"));
	pthread_getname_np(t, name, sizeof name);
	printf("[%s]\n", name);
	go = 1;
	join(t);
	pthread_getname_np(pthread_self(), name, sizeof name);
	printf("main's [%s]\n", name);
}
