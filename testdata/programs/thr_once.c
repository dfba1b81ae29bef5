// pthread_once: one thread initializes, the others wait for it.
#include "thread.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static volatile int calls, ready;

static void init(void)
{
	calls++;
	usleep(5000);
	ready = 1;
}

static void *use(void *arg)
{
	pthread_once(&once, init);
	return (void *)(long)ready;
}

int main(void)
{
	printf("saw it ready: %ld\n", crowd(8, use));
	printf("calls %d\n", calls);
}
