// C11 threads: thrd, mtx, cnd, tss and call_once.
#include "thread.h"
#include <threads.h>

static mtx_t lock;
static cnd_t cond;
static tss_t key;
static once_flag once = ONCE_FLAG_INIT;
static int n, calls, freed;
static _Thread_local int local = 5;

static void init(void) { calls++; }
static void release(void *v) { __atomic_fetch_add(&freed, *(int *)v, __ATOMIC_RELAXED); }

static int work(void *arg)
{
	call_once(&once, init);
	tss_set(key, &local);
	mtx_lock(&lock);
	local += ++n;
	cnd_broadcast(&cond);
	while (n < 5)
		cnd_wait(&cond, &lock);
	mtx_unlock(&lock);
	thrd_exit(local == 5 ? 0 : 7);
}

int main(void)
{
	thrd_t t[5];
	int r, sum = 0;
	mtx_init(&lock, mtx_plain);
	cnd_init(&cond);
	tss_create(&key, release);
	for (int i = 0; i < 5; i++)
		printf("%d ", thrd_create(&t[i], work, 0) == thrd_success);
	for (int i = 0; i < 5; i++) {
		thrd_join(t[i], &r);
		sum += r;
	}
	printf("sum %d calls %d freed %d local %d\n", sum, calls, freed, local);
	printf("trylock %d", mtx_trylock(&lock) == thrd_success);
	printf(" %d\n", mtx_trylock(&lock) == thrd_busy);
	thrd_sleep(&(struct timespec){0, 1000000}, 0);
}
