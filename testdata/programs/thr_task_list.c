// /proc/self/task lists exactly the threads that exist.
#include "thread.h"
#include <dirent.h>

static volatile int tids[5], go;

static void *waits(void *arg)
{
	tids[(long)arg] = gettid();
	until(&go, 1);
	return 0;
}

static void show(void)
{
	int n = 0, known = 0;
	DIR *d = opendir("/proc/self/task");
	for (struct dirent *e; (e = readdir(d));) {
		int tid = atoi(e->d_name);
		n += tid != 0;
		known += tid == getpid();
		for (int i = 0; i < 5; i++)
			known += tid && tid == tids[i];
	}
	closedir(d);
	char line[200];
	int threads = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof line, f))
		sscanf(line, "Threads: %d", &threads);
	fclose(f);
	printf("listed %d known %d counted %d\n", n, known, threads);
}

int main(void)
{
	pthread_t t[5];
	show();
	for (int i = 0; i < 5; i++)
		t[i] = start(waits, i);
	for (int i = 0; i < 5; i++)
		until(&tids[i], 1);
	show();
	go = 1;
	for (int i = 0; i < 5; i++)
		join(t[i]);
	for (int i = 0; i < 5; i++)
		while (!tgkill(getpid(), tids[i], 0))
			usleep(100);
	show();
}
