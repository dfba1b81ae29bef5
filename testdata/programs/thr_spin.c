// Spin locks: threads that wait without any system call.
#include "thread.h"

static pthread_spinlock_t lock;
static long counter;

static void *count(void *arg)
{
	for (int i = 0; i < 3000; i++) {
		pthread_spin_lock(&lock);
		counter++;
		pthread_spin_unlock(&lock);
	}
	return 0;
}

static void *tries(void *arg)
{
	return (void *)(long)pthread_spin_trylock(&lock);
}

int main(void)
{
	pthread_spin_init(&lock, 0);
	crowd(3, count);
	printf("counter %ld\n", counter);
	pthread_spin_lock(&lock);
	printf("trylock: %s\n", strerrorname_np(join(start(tries, 0))));
}
