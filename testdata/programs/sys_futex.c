// futex without other threads: mismatch, timeout, wake of nobody.
#include "prog.h"
#include <linux/futex.h>
#include <time.h>

static int word = 5, other = 9;

static long futex(int op, int val, void *t, int val3)
{
	return syscall(SYS_futex, &word, op, val, t, &other, val3);
}

int main(void)
{
	struct timespec ts = {0, 2000000}, now;
	result("wait mismatch", futex(FUTEX_WAIT, 4, 0, 0));
	result("wait timeout", futex(FUTEX_WAIT_PRIVATE, 5, &ts, 0));
	result("wake", futex(FUTEX_WAKE, 1, 0, 0));
	clock_gettime(CLOCK_MONOTONIC, &now);
	result("wait bitset past", futex(FUTEX_WAIT_BITSET, 5, &now, -1));
	result("requeue", futex(FUTEX_CMP_REQUEUE, 1, 0, 4));
	result("wake op", futex(FUTEX_WAKE_OP, 1, 0, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 9)));
	printf("other %d\n", other);
	word = 0;
	result("lock pi", futex(FUTEX_LOCK_PI, 0, 0, 0));
	check(word == gettid(), "owner");
	result("lock pi again", futex(FUTEX_LOCK_PI, 0, 0, 0));
	result("unlock pi", futex(FUTEX_UNLOCK_PI, 0, 0, 0));
	printf("word %d\n", word);
	result("bad op", futex(127, 0, 0, 0));
}
