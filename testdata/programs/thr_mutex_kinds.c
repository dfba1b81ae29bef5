// Recursive and error-checking mutexes, trylock and timedlock, seen from a second thread.
#include "thread.h"

static pthread_mutex_t m;

static void *other(void *arg)
{
	struct timespec t;
	printf("trylock: %s\n", strerrorname_np(pthread_mutex_trylock(&m)));
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 3000000;
	if (t.tv_nsec >= 1000000000)
		t.tv_sec++, t.tv_nsec -= 1000000000;
	printf("timedlock: %s\n", strerrorname_np(pthread_mutex_timedlock(&m, &t)));
	printf("unlock: %s\n", strerrorname_np(pthread_mutex_unlock(&m)));
	return 0;
}

static void make(int kind)
{
	pthread_mutexattr_t at;
	pthread_mutexattr_init(&at);
	pthread_mutexattr_settype(&at, kind);
	fine(pthread_mutex_init(&m, &at), "pthread_mutex_init");
}

int main(void)
{
	make(PTHREAD_MUTEX_RECURSIVE);
	for (int i = 0; i < 3; i++)
		fine(pthread_mutex_lock(&m), "lock");
	join(start(other, 0));
	for (int i = 0; i < 4; i++)
		printf("unlock %d: %s\n", i, strerrorname_np(pthread_mutex_unlock(&m)));
	make(PTHREAD_MUTEX_ERRORCHECK);
	fine(pthread_mutex_lock(&m), "lock");
	printf("again: %s\n", strerrorname_np(pthread_mutex_lock(&m)));
	join(start(other, 0));
	printf("destroy locked: %s\n", strerrorname_np(pthread_mutex_destroy(&m)));
	printf("unlock: %s\n", strerrorname_np(pthread_mutex_unlock(&m)));
	printf("destroy: %s\n", strerrorname_np(pthread_mutex_destroy(&m)));
}
