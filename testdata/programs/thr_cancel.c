// Cancellation at cancellation points: cleanup handlers run, disabled cancellation waits.
#include "thread.h"

static volatile int tid[2];
static int cleaned;

static void clean(void *arg)
{
	cleaned = cleaned * 10 + (int)(long)arg;
}

static void *reader(void *arg)
{
	char c;
	pthread_cleanup_push(clean, (void *)1);
	pthread_cleanup_push(clean, (void *)2);
	tid[0] = gettid();
	read((long)arg, &c, 1);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return 0;
}

static void *disabled(void *arg)
{
	int old;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	tid[1] = gettid();
	usleep(5000);
	cleaned = 5;
	pthread_setcancelstate(old, 0);
	pthread_testcancel();
	cleaned = 6;
	return 0;
}

int main(void)
{
	int p[2];
	must(pipe(p), "pipe");
	pthread_t t = start(reader, p[0]);
	blocked(&tid[0]);
	fine(pthread_cancel(t), "pthread_cancel");
	check(join(t) == (long)PTHREAD_CANCELED, "canceled");
	printf("cleaned %d\n", cleaned);
	t = start(disabled, 0);
	until(&tid[1], 1);
	fine(pthread_cancel(t), "pthread_cancel");
	check(join(t) == (long)PTHREAD_CANCELED, "canceled later");
	printf("cleaned %d\n", cleaned);
}
