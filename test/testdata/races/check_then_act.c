// Several threads set something up if nobody else has. Exits with 1 if two have.
#include <pthread.h>
#include <stdio.h>

static volatile int ready, times;
static pthread_barrier_t all;

static void *use(void *arg)
{
	pthread_barrier_wait(&all);
	for (volatile int i = 0; i < 100000; i++)
		;
	if (!ready) {
		for (volatile int work = 0; work < 200; work++)
			;
		times++;
		ready = 1;
	}
	return 0;
}

int main(void)
{
	pthread_t t[3];
	pthread_barrier_init(&all, 0, 3);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], 0, use, 0);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], 0);
	printf("set up %d times\n", times);
	return times != 1;
}
