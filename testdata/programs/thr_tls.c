// __thread variables: initial values, addresses of their own, alignment, in every thread.
#include "thread.h"

static __thread long counter = 1000;
static __thread char zero[3000];
static __thread struct {
	char c;
} __attribute__((aligned(64))) aligned;
static long *addresses[10];
static pthread_barrier_t all;

static void *use(void *arg)
{
	long me = (long)arg, bad = counter != 1000 || (uintptr_t)&aligned % 64;
	for (int i = 0; i < 3000; i++)
		bad += zero[i] != 0;
	memset(zero, me + 1, sizeof zero);
	addresses[me] = &counter;
	pthread_barrier_wait(&all);
	for (int i = 0; i < 10; i++)
		bad += i != me && addresses[i] == &counter;
	for (int i = 0; i < 1000; i++)
		counter += me;
	bad += counter != 1000 + 1000 * me;
	for (int i = 0; i < 3000; i++)
		bad += zero[i] != me + 1;
	// The owner's variable can be changed by others.
	pthread_barrier_wait(&all);
	(*addresses[(me + 1) % 10])++;
	pthread_barrier_wait(&all);
	return (void *)(bad + (counter != 1001 + 1000 * me));
}

int main(void)
{
	pthread_barrier_init(&all, 0, 10);
	printf("bad %ld\n", crowd(10, use));
	printf("main's %ld %d\n", counter, zero[5]);
}
