// Producers and consumers over a small ring: every item arrives once.
#include "thread.h"

enum { SLOTS = 7, ITEMS = 1500 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static int ring[SLOTS], in, out;
static char seen[3 * ITEMS];

static void *produce(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock);
		while (in - out == SLOTS)
			pthread_cond_wait(&not_full, &lock);
		ring[in++ % SLOTS] = (long)arg * ITEMS + i;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

static void *consume(void *arg)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock);
		while (in == out)
			pthread_cond_wait(&not_empty, &lock);
		seen[ring[out++ % SLOTS]]++;
		pthread_cond_signal(&not_full);
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

static void *either(void *arg)
{
	return (long)arg < 3 ? produce(arg) : consume(arg);
}

int main(void)
{
	crowd(6, either);
	int bad = 0;
	for (int i = 0; i < 3 * ITEMS; i++)
		bad += seen[i] != 1;
	printf("bad %d, left %d\n", bad, in - out);
}
