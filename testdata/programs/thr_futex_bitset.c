// FUTEX_WAIT_BITSET and FUTEX_WAKE_BITSET: only waiters with a common bit wake.
#include "thread.h"

static int word;
static volatile int tids[4], woken[4];

static void *waiter(void *arg)
{
	long me = (long)arg;
	tids[me] = gettid();
	futex(&word, FUTEX_WAIT_BITSET, 0, 0, 0, 1 << me);
	__atomic_store_n(&woken[me], 1, __ATOMIC_RELEASE);
	return 0;
}

int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		t[i] = start(waiter, i);
	for (int i = 0; i < 4; i++)
		blocked(&tids[i]);
	result("no bit", futex(&word, FUTEX_WAKE_BITSET, 4, 0, 0, 0));
	result("no waiter's bit", futex(&word, FUTEX_WAKE_BITSET, 4, 0, 0, 0x30));
	result("bit 2", futex(&word, FUTEX_WAKE_BITSET, 4, 0, 0, 4));
	until(&woken[2], 1);
	result("bits 0 and 1", futex(&word, FUTEX_WAKE_BITSET, 4, 0, 0, 3));
	until(&woken[0], 1), until(&woken[1], 1);
	printf("3 %s\n", woken[3] ? "woke" : "sleeps");
	result("plain wake", futex(&word, FUTEX_WAKE, 4, 0, 0, 0));
	for (int i = 0; i < 4; i++)
		join(t[i]);
}
