// Thread-specific data: values of their own, destructors at thread exit, again while they set values.
#include "thread.h"

static pthread_key_t key, again;
static int destroyed, sum, rounds;

static void destroy(void *v)
{
	__atomic_fetch_add(&destroyed, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&sum, (int)(long)v, __ATOMIC_RELAXED);
}

static void resurrect(void *v)
{
	__atomic_fetch_add(&rounds, 1, __ATOMIC_RELAXED);
	pthread_setspecific(again, v);
}

static void *use(void *arg)
{
	long bad = pthread_getspecific(key) != 0;
	pthread_setspecific(key, (char *)arg + 1);
	sched_yield();
	return (void *)(bad + (pthread_getspecific(key) != (char *)arg + 1));
}

static void *stubborn(void *arg)
{
	pthread_setspecific(again, "x");
	return 0;
}

int main(void)
{
	fine(pthread_key_create(&key, destroy), "pthread_key_create");
	fine(pthread_key_create(&again, resurrect), "pthread_key_create");
	printf("bad %ld\n", crowd(10, use));
	printf("destroyed %d sum %d\n", destroyed, sum);
	join(start(stubborn, 0));
	printf("rounds %d\n", rounds);
	fine(pthread_key_delete(key), "pthread_key_delete");
	printf("%s\n", strerrorname_np(pthread_setspecific(key, 0)));
}
