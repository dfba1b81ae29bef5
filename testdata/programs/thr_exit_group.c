// exit from a thread ends all others, whatever they do, with its status.
#include "thread.h"

static int running;

static void *compute(void *arg)
{
	__atomic_fetch_add(&running, 1, __ATOMIC_RELEASE);
	for (volatile long i = 0;; i++)
		;
}

static void *sleeper(void *arg)
{
	__atomic_fetch_add(&running, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static void *end(void *arg)
{
	until(&running, 4);
	puts("all run");
	exit(42);
}

int main(void)
{
	start(compute, 0), start(compute, 0);
	start(sleeper, 0), start(sleeper, 0);
	join(start(end, 0));
	puts("never");
}
