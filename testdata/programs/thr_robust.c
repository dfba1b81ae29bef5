// Robust mutexes: the owner's death is told to the next, who repairs or ruins it.
#include "thread.h"

static pthread_mutex_t m;

static void *die(void *arg)
{
	pthread_mutex_lock(&m);
	return 0;
}

static void *wait_for_it(void *arg)
{
	int r = pthread_mutex_lock(&m);
	printf("waiter: %s\n", strerrorname_np(r));
	if (!r || r == EOWNERDEAD)
		pthread_mutex_unlock(&m);
	return 0;
}

static volatile int tid;

static void *die_later(void *arg)
{
	pthread_mutex_lock(&m);
	tid = gettid();
	usleep(5000);
	return 0;
}

int main(void)
{
	pthread_mutexattr_t at;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
	fine(pthread_mutex_init(&m, &at), "init");
	join(start(die, 0));
	printf("lock: %s\n", strerrorname_np(pthread_mutex_lock(&m)));
	printf("consistent: %s\n", strerrorname_np(pthread_mutex_consistent(&m)));
	printf("unlock: %s\n", strerrorname_np(pthread_mutex_unlock(&m)));
	pthread_t t = start(die_later, 0);
	until(&tid, 1);
	join(start(wait_for_it, 0));
	join(t);
	printf("lock: %s\n", strerrorname_np(pthread_mutex_lock(&m)));
}
