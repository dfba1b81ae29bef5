// FUTEX_LOCK_PI between threads: the word names the owner and that there are waiters; the kernel hands it over.
#include "thread.h"

static volatile int word, tid, got;

static void *locks(void *arg)
{
	tid = gettid();
	result("lock", futex((int *)&word, FUTEX_LOCK_PI, 0, 0, 0, 0));
	check((word & FUTEX_TID_MASK) == gettid(), "owned by the thread");
	got = 1;
	return (void *)futex((int *)&word, FUTEX_UNLOCK_PI, 0, 0, 0, 0);
}

int main(void)
{
	result("trylock", futex((int *)&word, FUTEX_TRYLOCK_PI, 0, 0, 0, 0));
	check(word == gettid(), "owned by main");
	pthread_t t = start(locks, 0);
	blocked(&tid);
	check((word & FUTEX_WAITERS) != 0, "waiters");
	result("timed", futex((int *)&word, FUTEX_LOCK_PI, 0, &(struct timespec){1, 0}, 0, 0));
	long mine = futex((int *)&word, FUTEX_UNLOCK_PI, 0, 0, 0, 0), other = join(t);
	printf("unlock %ld %ld\n", mine, other);
	printf("got %d word %d\n", got, word);
	word = 1 << 29; // no such thread
	result("dead owner", futex((int *)&word, FUTEX_LOCK_PI, 0, 0, 0, 0));
	word = 0;
	result("not the owner", futex((int *)&word, FUTEX_UNLOCK_PI, 0, 0, 0, 0));
}
