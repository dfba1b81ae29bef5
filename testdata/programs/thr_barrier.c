// Barriers: no thread is ever a phase ahead; one in each phase is the serial one.
#include "thread.h"

enum { N = 6, PHASES = 40 };
static pthread_barrier_t barrier;
static int phase[N], serial;

static void *walk(void *arg)
{
	long me = (long)arg, ahead = 0;
	for (int p = 0; p < PHASES; p++) {
		__atomic_store_n(&phase[me], p + 1, __ATOMIC_RELEASE);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED);
		for (int i = 0; i < N; i++)
			ahead += __atomic_load_n(&phase[i], __ATOMIC_ACQUIRE) != p + 1;
		pthread_barrier_wait(&barrier);
	}
	return (void *)ahead;
}

int main(void)
{
	fine(pthread_barrier_init(&barrier, 0, N), "pthread_barrier_init");
	printf("ahead %ld\n", crowd(N, walk));
	printf("serial %d\n", serial);
}
