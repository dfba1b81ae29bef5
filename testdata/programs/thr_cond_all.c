// pthread_cond_broadcast wakes all; generations never mix.
#include "thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gone = PTHREAD_COND_INITIALIZER, ready = PTHREAD_COND_INITIALIZER;
static int generation, waiting, woken[20];

static void *waiter(void *arg)
{
	for (int g = 0; g < 20; g++) {
		pthread_mutex_lock(&lock);
		if (++waiting == 8)
			pthread_cond_signal(&ready);
		while (generation == g)
			pthread_cond_wait(&gone, &lock);
		woken[g]++;
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

static void *herald(void *arg)
{
	for (int g = 0; g < 20; g++) {
		pthread_mutex_lock(&lock);
		while (waiting < 8)
			pthread_cond_wait(&ready, &lock);
		waiting = 0;
		generation++;
		pthread_cond_broadcast(&gone);
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

static void *either(void *arg)
{
	return (long)arg == 8 ? herald(arg) : waiter(arg);
}

int main(void)
{
	crowd(9, either);
	for (int g = 0; g < 20; g++)
		printf("%d ", woken[g]);
	puts("");
}
