// futex_waitv: one thread waits for several words, and learns which one it was.
#include "thread.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct wait {
	uint64_t val, addr;
	uint32_t flags, reserved;
};
static int words[4];
static volatile int tid;

static long waitv(int n, int val, struct timespec *t)
{
	struct wait w[4];
	for (int i = 0; i < 4; i++)
		w[i] = (struct wait){val, (uintptr_t)&words[i], 2 /* 32 bits */ | 128 /* private */};
	return syscall(SYS_futex_waitv, w, n, 0, t, CLOCK_MONOTONIC);
}

static void *waiter(void *arg)
{
	tid = gettid();
	return (void *)waitv(4, 0, 0);
}

int main(void)
{
	result("mismatch", waitv(4, 1, 0));
	result("timeout", waitv(4, 0, &(struct timespec){1, 0}));
	result("none", waitv(0, 0, 0));
	for (int i = 3; i >= 0; i--) {
		tid = 0;
		pthread_t t = start(waiter, 0);
		blocked(&tid);
		result("wake", futex(&words[i], FUTEX_WAKE_PRIVATE, 1, 0, 0, 0));
		printf("index %ld\n", join(t));
	}
}
