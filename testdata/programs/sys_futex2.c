// The newer futex calls: futex_wake, futex_wait, futex_requeue, or the kernel does not know them.
#include "thread.h"

static int word;
static volatile int tid;

static void *waits(void *arg)
{
	tid = gettid();
	return (void *)syscall(455 /* futex_wait */, &word, 0, -1u, 2 | 128, 0, CLOCK_MONOTONIC);
}

int main(void)
{
	long r = syscall(454 /* futex_wake */, &word, -1u, 1, 2 | 128);
	result("wake nobody", r);
	if (r == -1)
		return 0;
	result("mismatch", syscall(455, &word, 5, -1u, 2 | 128, 0, CLOCK_MONOTONIC));
	result("timeout", syscall(455, &word, 0, -1u, 2 | 128, &(struct timespec){1, 0}, CLOCK_MONOTONIC));
	pthread_t t = start(waits, 0);
	blocked(&tid);
	result("wake", syscall(454, &word, -1u, 1, 2 | 128));
	printf("waited %ld\n", join(t));
	result("bad flags", syscall(454, &word, -1u, 1, 999));
}
