// FUTEX_WAKE wakes as many waiters as it is told, and says how many it found.
#include "thread.h"

static int word;
static volatile int tids[6], woken;

static void *waiter(void *arg)
{
	tids[(long)arg] = gettid();
	long r = futex(&word, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
	__atomic_fetch_add(&woken, 1, __ATOMIC_RELEASE);
	return (void *)r;
}

int main(void)
{
	pthread_t t[6];
	for (int i = 0; i < 6; i++)
		t[i] = start(waiter, i);
	for (int i = 0; i < 6; i++)
		blocked(&tids[i]);
	result("shared wake finds none", futex(&word, FUTEX_WAKE, 10, 0, 0, 0));
	result("wake 1", futex(&word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0));
	until(&woken, 1);
	result("wake 2", futex(&word, FUTEX_WAKE_PRIVATE, 2, 0, 0, 0));
	until(&woken, 3);
	result("wake all", futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0));
	long sum = 0;
	for (int i = 0; i < 6; i++)
		sum += join(t[i]);
	printf("results %ld\n", sum);
	result("wake none", futex(&word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0));
}
