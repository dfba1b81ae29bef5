// Asynchronous cancellation stops a thread in the middle of a computation.
#include "thread.h"

static volatile int running;
static volatile long n;

static void *compute(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
	running = 1;
	for (;;)
		n++;
}

int main(void)
{
	for (int i = 0; i < 5; i++) {
		running = 0;
		pthread_t t = start(compute, 0);
		until(&running, 1);
		fine(pthread_cancel(t), "pthread_cancel");
		check(join(t) == (long)PTHREAD_CANCELED, "canceled");
		long at = n;
		usleep(1000);
		check(n == at, "stopped");
	}
}
