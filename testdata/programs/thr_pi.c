// Priority-inheriting mutexes: contended, trylock, a deadlock found, an owner that died.
#include "thread.h"

static pthread_mutex_t m;
static long counter;

static void *count(void *arg)
{
	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(&m);
		counter++;
		if (i % 20 == 0)
			sched_yield();
		pthread_mutex_unlock(&m);
	}
	return 0;
}

static void *tries(void *arg)
{
	printf("trylock: %s\n", strerrorname_np(pthread_mutex_trylock(&m)));
	return 0;
}

static void *die(void *arg)
{
	pthread_mutex_lock(&m);
	return 0;
}

static void make(int kind, int robust)
{
	pthread_mutexattr_t at;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setprotocol(&at, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_settype(&at, kind);
	pthread_mutexattr_setrobust(&at, robust);
	fine(pthread_mutex_init(&m, &at), "init");
}

int main(void)
{
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	crowd(4, count);
	printf("counter %ld\n", counter);
	pthread_mutex_lock(&m);
	join(start(tries, 0));
	make(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_lock(&m);
	printf("again: %s\n", strerrorname_np(pthread_mutex_lock(&m)));
	pthread_mutex_unlock(&m);
	join(start(die, 0));
	printf("after death: %s\n", strerrorname_np(pthread_mutex_lock(&m)));
}
