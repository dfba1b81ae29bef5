// Four threads that contend for a mutex and an atomic counter.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { threads = 4, rounds = 40000000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long locked;
static atomic_long counted;

static void *work(void *arg)
{
	for (int i = 0; i < rounds; i++) {
		counted++;
		if (i % 4 == 0) {
			pthread_mutex_lock(&lock);
			locked++;
			pthread_mutex_unlock(&lock);
		}
	}
	return 0;
}

int main(void)
{
	pthread_t t[threads];
	for (int i = 0; i < threads; i++)
		pthread_create(&t[i], 0, work, 0);
	for (int i = 0; i < threads; i++)
		pthread_join(t[i], 0);
	printf("%ld %ld\n", locked, (long)counted);
}
