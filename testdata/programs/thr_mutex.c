// A contended mutex protects a counter that is not atomic.
#include "thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static volatile int inside;

static void *count(void *arg)
{
	long clashes = 0;
	for (int i = 0; i < 5000; i++) {
		pthread_mutex_lock(&lock);
		clashes += inside++;
		counter++;
		inside--;
		pthread_mutex_unlock(&lock);
	}
	return (void *)clashes;
}

int main(void)
{
	printf("clashes %ld\n", crowd(4, count));
	printf("counter %ld\n", counter);
}
