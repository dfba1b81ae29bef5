// pthread_create and pthread_join: arguments, results, twenty at once.
#include "thread.h"

static void *square(void *arg)
{
	long n = (long)arg;
	return (void *)(n * n);
}

static void *leave(void *arg)
{
	pthread_exit((char *)arg + 100);
}

int main(void)
{
	printf("one: %ld\n", join(start(square, 12)));
	printf("crowd: %ld\n", crowd(20, square));
	printf("pthread_exit: %ld\n", join(start(leave, 11)));
	pthread_t t = start(square, 3);
	printf("join itself: %s\n", strerrorname_np(pthread_join(pthread_self(), 0)));
	check(!pthread_equal(t, pthread_self()), "different threads");
	printf("%ld\n", join(t));
}
