// FUTEX_CMP_REQUEUE wakes some waiters and moves the others to a second word.
#include "thread.h"

static int first = 7, second;
static volatile int tids[5], woken;

static void *waiter(void *arg)
{
	tids[(long)arg] = gettid();
	futex(&first, FUTEX_WAIT, 7, 0, 0, 0);
	__atomic_fetch_add(&woken, 1, __ATOMIC_RELEASE);
	return 0;
}

int main(void)
{
	pthread_t t[5];
	for (int i = 0; i < 5; i++)
		t[i] = start(waiter, i);
	for (int i = 0; i < 5; i++)
		blocked(&tids[i]);
	result("changed meanwhile", futex(&first, FUTEX_CMP_REQUEUE, 1, (void *)4, &second, 8));
	result("requeue", futex(&first, FUTEX_CMP_REQUEUE, 1, (void *)2, &second, 7));
	until(&woken, 1);
	result("left on the first", futex(&first, FUTEX_WAKE, 10, 0, 0, 0));
	until(&woken, 3);
	result("moved to the second", futex(&second, FUTEX_WAKE, 10, 0, 0, 0));
	for (int i = 0; i < 5; i++)
		join(t[i]);
	printf("woken %d\n", woken);
}
