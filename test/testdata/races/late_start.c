// A thread is taken to have started after a hundred milliseconds of other work.
// Exits with 1 if what it was to set up is missing.
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static const char *volatile config;

static void *load(void *arg)
{
	config = "loaded";
	return 0;
}

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(void)
{
	pthread_t t;
	pthread_create(&t, 0, load, 0);
	for (long start = now(); now() - start < 100;)
		;
	puts(config ? config : "not there");
	return !config;
}
