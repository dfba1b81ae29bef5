// flags: -mcx16 -O1
// Contended atomic instructions: add, exchange, compare and swap of 8 and 16 bytes, or, bit test.
#include "thread.h"

enum { TIMES = 3000 };
static long sum, casual, token = 1;
static unsigned bits[TIMES / 32 + 1];
static __int128 wide __attribute__((aligned(16)));
static long tokens, bits_set;

static void *work(void *arg)
{
	long me = (long)arg, mine = 0, set = 0;
	for (int i = 0; i < TIMES; i++) {
		__atomic_fetch_add(&sum, me, __ATOMIC_SEQ_CST);
		long old = casual;
		while (!__atomic_compare_exchange_n(&casual, &old, old + 2, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			;
		mine += __atomic_exchange_n(&token, 0, __ATOMIC_SEQ_CST);
		if (mine) {
			__atomic_fetch_add(&tokens, 1, __ATOMIC_RELAXED);
			__atomic_store_n(&token, mine, __ATOMIC_SEQ_CST);
			mine = 0;
		}
		set += !(__atomic_fetch_or(&bits[i / 32], 1u << i % 32, __ATOMIC_SEQ_CST) >> i % 32 & 1);
		__int128 w = wide;
		for (;;) {
			__int128 seen = __sync_val_compare_and_swap(&wide, w, w + ((__int128)1 << 64) + 1);
			if (seen == w)
				break;
			w = seen;
		}
	}
	__atomic_fetch_add(&bits_set, set, __ATOMIC_RELAXED);
	return 0;
}

int main(void)
{
	crowd(4, work);
	printf("sum %ld cas %ld token %ld bits %ld\n", sum, casual, token, bits_set);
	printf("wide %ld %ld\n", (long)(wide >> 64), (long)wide);
	check(tokens > 0, "the token was taken");
}
