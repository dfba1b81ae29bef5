// execve that fails in a thread leaves all threads as they were.
#include "thread.h"

static volatile int go;

static void *exec(void *arg)
{
	result("execve", execl("/nonexistent", "x", (char *)0));
	result("execve", execl("/", "x", (char *)0));
	go = 1;
	return (void *)5;
}

static void *waits(void *arg)
{
	until(&go, 1);
	return (void *)6;
}

int main(void)
{
	pthread_t t = start(waits, 0);
	long five = join(start(exec, 0));
	printf("%ld %ld\n", five, join(t));
}
