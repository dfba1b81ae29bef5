// Computes for half a second, in as many threads as it is told.
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *spin(void *arg)
{
	for (long start = now(); now() - start < 500;)
		for (volatile int i = 0; i < 100000; i++)
			;
	return 0;
}

int main(int argc, char **argv)
{
	int n = atoi(argv[1]);
	pthread_t t[16];
	for (int i = 1; i < n; i++)
		pthread_create(&t[i], 0, spin, 0);
	spin(0);
	for (int i = 1; i < n; i++)
		pthread_join(t[i], 0);
}
