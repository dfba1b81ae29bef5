// Two hundred threads at once.
#include "thread.h"

static pthread_barrier_t all;
static long slots[200];

static void *work(void *arg)
{
	long me = (long)arg;
	slots[me] = me * 3;
	pthread_barrier_wait(&all);
	return (void *)slots[(me + 77) % 200];
}

int main(void)
{
	pthread_barrier_init(&all, 0, 200);
	printf("sum %ld\n", crowd(200, work));
}
