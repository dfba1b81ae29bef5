// pthread_tryjoin_np and pthread_timedjoin_np on a thread that runs and one that has ended.
#include "thread.h"

static volatile int go;

static void *waits(void *arg)
{
	until(&go, 1);
	return (void *)3;
}

int main(void)
{
	struct timespec past = {1, 0}, far = {1L << 33, 0};
	void *r = 0;
	pthread_t t = start(waits, 0), u = start(waits, 0);
	printf("%s\n", strerrorname_np(pthread_tryjoin_np(t, &r)));
	printf("%s\n", strerrorname_np(pthread_timedjoin_np(t, &r, &past)));
	go = 1;
	printf("%d", pthread_timedjoin_np(t, &r, &far));
	printf(" %ld\n", (long)r);
	r = 0;
	while (pthread_tryjoin_np(u, &r) == EBUSY)
		usleep(100);
	printf("%ld\n", (long)r);
}
