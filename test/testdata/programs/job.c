// A job with threads that reads from its terminal: one computes, one sleeps.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static volatile long n[2];

static void *runs(void *arg)
{
	for (;;) {
		n[(long)arg]++;
		if (arg)
			usleep(100);
	}
	return 0;
}

int main(void)
{
	char line[80];
	pthread_t t;
	for (long i = 0; i < 2; i++)
		pthread_create(&t, 0, runs, (void *)i);
	puts("ready");
	while (fgets(line, sizeof line, stdin)) {
		for (int i = 0; i < 2; i++)
			for (long was = n[i]; n[i] == was;)
				usleep(100);
		printf("[%s", line);
	}
	return 5;
}
