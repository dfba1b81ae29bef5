// A signal in a futex wait: with and without SA_RESTART, with a timeout, and in a mutex lock.
#include "thread.h"

static int word;
static volatile int tid, handled;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void handler(int sig, siginfo_t *si, void *uc)
{
	handled++;
}

static void *waiter(void *arg)
{
	struct timespec t = {100, 0};
	tid = gettid();
	if ((long)arg < 2)
		return (void *)(futex(&word, FUTEX_WAIT, 0, (long)arg ? &t : 0, 0, 0) ? (long)errno : 0);
	return (void *)(long)pthread_mutex_lock(&lock);
}

static void try(int way, int flags)
{
	handle(SIGUSR1, handler, flags);
	tid = handled = 0;
	pthread_t t = start(waiter, way);
	blocked(&tid);
	pthread_kill(t, SIGUSR1);
	until(&handled, 1);
	if (way == 2) {
		blocked(&tid);
		pthread_mutex_unlock(&lock);
	} else if (flags && !way) {
		blocked(&tid);
		check(futex(&word, FUTEX_WAKE, 1, 0, 0, 0) == 1, "woken");
	}
	printf("%s\n", strerrorname_np(join(t)));
	printf("handled %d\n", handled);
}

int main(void)
{
	try(0, 0);
	try(0, SA_RESTART);
	try(1, 0);
	pthread_mutex_lock(&lock);
	try(2, 0);
}
