// pthread_kill: the handler runs on that very thread, once for each signal.
#include "thread.h"

static __thread volatile int mine;
static pthread_barrier_t ready;
static volatile int total;

static void handler(int sig, siginfo_t *si, void *uc)
{
	mine++;
	__atomic_fetch_add(&total, 1, __ATOMIC_RELEASE);
	if (si->si_code != SI_TKILL || si->si_pid != getpid())
		mine += 1000;
}

static void *counts(void *arg)
{
	long want = (long)arg + 1;
	pthread_barrier_wait(&ready);
	while (mine < want)
		usleep(500);
	return (void *)(long)mine;
}

int main(void)
{
	pthread_t t[5];
	handle(SIGUSR1, handler, 0);
	pthread_barrier_init(&ready, 0, 6);
	for (int i = 0; i < 5; i++)
		t[i] = start(counts, i);
	pthread_barrier_wait(&ready);
	int sent = 0;
	for (int round = 0; round < 5; round++)
		for (int i = round; i < 5; i++) {
			pthread_kill(t[i], SIGUSR1);
			until(&total, ++sent);
		}
	for (int i = 0; i < 5; i++)
		printf("%ld ", join(t[i]));
	printf("main %d\n", mine);
	printf("signal 0: %d, invalid: %s\n", pthread_kill(pthread_self(), 0), strerrorname_np(pthread_kill(pthread_self(), 99)));
}
