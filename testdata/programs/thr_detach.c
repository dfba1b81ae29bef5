// Detached threads, by attribute and by themselves, end without being joined.
#include "thread.h"

static sem_t done;
static int ran;

static void *work(void *arg)
{
	if (arg)
		fine(pthread_detach(pthread_self()), "pthread_detach");
	__atomic_fetch_add(&ran, 1, __ATOMIC_RELAXED);
	sem_post(&done);
	return 0;
}

int main(void)
{
	pthread_attr_t at;
	pthread_t t;
	int state;
	sem_init(&done, 0, 0);
	pthread_attr_init(&at);
	pthread_attr_setdetachstate(&at, PTHREAD_CREATE_DETACHED);
	pthread_attr_getdetachstate(&at, &state);
	printf("detached %d\n", state == PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 10; i++) {
		fine(pthread_create(&t, &at, work, 0), "pthread_create");
		start(work, 1);
	}
	for (int i = 0; i < 20; i++)
		sem_wait(&done);
	printf("ran %d\n", ran);
}
