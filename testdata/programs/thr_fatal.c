// A fatal signal in one thread ends the whole process with it.
#include "thread.h"

static volatile int running;

static void *works(void *arg)
{
	running = 1;
	for (volatile long n = 0;; n++)
		;
}

static void *faults(void *arg)
{
	until(&running, 1);
	puts("now");
	fflush(stdout);
	*(volatile int *)8 = 1;
	puts("never");
	return 0;
}

int main(void)
{
	start(works, 0);
	join(start(faults, 0));
	puts("never");
}
