// malloc and free in many threads, memory freed by another thread than the one that had it.
#include "thread.h"

static void *volatile boxes[64];

static void *work(void *arg)
{
	unsigned seed = (long)arg + 1;
	long bad = 0;
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1103515245 + 12345;
		size_t n = 16 + (seed >> 8) % (i % 50 ? 600 : 40000);
		size_t *p = malloc(n);
		p[0] = n;
		memset(p + 1, n & 0xff, n - 8);
		size_t *q = __atomic_exchange_n(&boxes[(seed >> 20) % 64], p, __ATOMIC_ACQ_REL);
		if (q) {
			bad += ((unsigned char *)q)[q[0] - 1] != (q[0] & 0xff);
			free(q);
		}
	}
	return (void *)bad;
}

int main(void)
{
	printf("bad %ld\n", crowd(6, work));
	long left = 0;
	for (int i = 0; i < 64; i++)
		left += boxes[i] != 0;
	printf("left %ld\n", left);
}
