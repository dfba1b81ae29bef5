// Mutual exclusion with plain loads, stores and fences.
#include "thread.h"

static volatile int wants[2], turn;
static volatile long counter;

static void *count(void *arg)
{
	int me = (long)arg, other = 1 - me;
	for (int i = 0; i < 2000; i++) {
		wants[me] = 1;
		turn = other;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		for (int spin = 0; wants[other] && turn == other;)
			if (++spin % 100 == 0)
				sched_yield();
		counter++;
		__atomic_thread_fence(__ATOMIC_RELEASE);
		wants[me] = 0;
	}
	return 0;
}

int main(void)
{
	crowd(2, count);
	printf("counter %ld\n", counter);
}
