// FUTEX_WAKE_OP: changes a second word, and wakes its waiters if the old value compares.
#include "thread.h"

static int first, second = 3;
static volatile int tids[2];

static void *waiter(void *arg)
{
	long me = (long)arg;
	tids[me] = gettid();
	return (void *)futex(me ? &second : &first, FUTEX_WAIT, me ? 3 : 0, 0, 0, 0);
}

int main(void)
{
	pthread_t t[2] = {start(waiter, 0), start(waiter, 1)};
	blocked(&tids[0]), blocked(&tids[1]);
	result("add, not equal", futex(&first, FUTEX_WAKE_OP, 0, (void *)5, &second, FUTEX_OP(FUTEX_OP_ADD, 2, FUTEX_OP_CMP_EQ, 99)));
	printf("second %d\n", second);
	result("set, less", futex(&first, FUTEX_WAKE_OP, 5, (void *)5, &second, FUTEX_OP(FUTEX_OP_SET, 40, FUTEX_OP_CMP_LT, 6)));
	printf("second %d\n", second);
	printf("results %ld %ld\n", join(t[0]), join(t[1]));
}
