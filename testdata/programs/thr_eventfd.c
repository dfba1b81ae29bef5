// eventfd between threads: counting, semaphore mode, a writer that blocks when it is full.
#include "thread.h"
#include <sys/eventfd.h>

static int fd, sem;
static volatile int tid;

static void *reader(void *arg)
{
	eventfd_t v;
	long sum = 0;
	while (sum < 5050) {
		eventfd_read(fd, &v);
		sum += v;
	}
	return (void *)sum;
}

static void *takes(void *arg)
{
	eventfd_t v;
	long sum = 0;
	for (int i = 0; i < 10; i++)
		sum += eventfd_read(sem, &v) ? 1000 : v;
	return (void *)sum;
}

static void *fills(void *arg)
{
	tid = gettid();
	return (void *)(long)eventfd_write(fd, 10);
}

int main(void)
{
	fd = must(eventfd(0, 0), "eventfd");
	sem = must(eventfd(3, EFD_SEMAPHORE), "eventfd");
	pthread_t r = start(reader, 0), t1 = start(takes, 0), t2 = start(takes, 0);
	for (int i = 1; i <= 100; i++)
		eventfd_write(fd, i);
	eventfd_write(sem, 17);
	printf("sum %ld\n", join(r));
	printf("taken %ld\n", join(t1) + join(t2));
	eventfd_t v;
	eventfd_write(fd, -2L);
	pthread_t f = start(fills, 0);
	blocked(&tid);
	eventfd_read(fd, &v);
	printf("full %d, write %ld\n", v == -2L, join(f));
	eventfd_read(fd, &v);
	printf("then %ld\n", (long)v);
}
