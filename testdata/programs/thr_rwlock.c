// Reader-writer locks: readers see no torn state, writers exclude all.
#include "thread.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static volatile long a, b;

static void *reader(void *arg)
{
	long torn = 0;
	for (int i = 0; i < 1000; i++) {
		pthread_rwlock_rdlock(&lock);
		torn += a != b;
		pthread_rwlock_unlock(&lock);
	}
	return (void *)torn;
}

static void *writer(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_rwlock_wrlock(&lock);
		a++;
		b++;
		pthread_rwlock_unlock(&lock);
	}
	return 0;
}

static void *mixed(void *arg)
{
	return (long)arg % 3 ? reader(arg) : writer(arg);
}

static void *tries(void *arg)
{
	printf("tryrdlock: %s\n", strerrorname_np(pthread_rwlock_tryrdlock(&lock)));
	printf("trywrlock: %s\n", strerrorname_np(pthread_rwlock_trywrlock(&lock)));
	return 0;
}

int main(void)
{
	printf("torn %ld\n", crowd(6, mixed));
	printf("a %ld b %ld\n", a, b);
	pthread_rwlock_wrlock(&lock);
	join(start(tries, 0));
	pthread_rwlock_unlock(&lock);
	pthread_rwlock_rdlock(&lock);
	join(start(tries, 0));
}
