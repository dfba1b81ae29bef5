// set_robust_list: the kernel marks what a dead thread had locked, and wakes a waiter.
#include "thread.h"
#include <stddef.h>

static struct lock {
	struct robust_list list;
	volatile int word;
} locks[3];
static struct robust_list_head head = {
	.list = {&locks[0].list}, .futex_offset = offsetof(struct lock, word),
};
static volatile int waiter_tid, tid;

static void *dies(void *arg)
{
	for (int i = 0; i < 3; i++)
		locks[i].list.next = i < 2 ? &locks[i + 1].list : &head.list;
	void *old;
	size_t len;
	result("get_robust_list", syscall(SYS_get_robust_list, 0, &old, &len));
	printf("length %zu\n", len);
	result("bad length", syscall(SYS_set_robust_list, &head, 8));
	result("set_robust_list", syscall(SYS_set_robust_list, &head, sizeof head));
	tid = gettid();
	locks[0].word = tid | FUTEX_WAITERS;
	locks[1].word = tid;
	locks[2].word = tid + 1;
	blocked(&waiter_tid);
	return 0;
}

static void *waits(void *arg)
{
	until(&locks[2].word, 1);
	waiter_tid = gettid();
	result("wait", futex((int *)&locks[0].word, FUTEX_WAIT, locks[0].word, 0, 0, 0));
	return 0;
}

int main(void)
{
	pthread_t d = start(dies, 0), w = start(waits, 0);
	join(d), join(w);
	check(locks[0].word == (FUTEX_OWNER_DIED | FUTEX_WAITERS), "owner died, waiters");
	check(locks[1].word == FUTEX_OWNER_DIED, "owner died");
	check(locks[2].word == tid + 1, "another owner's is left alone");
}
