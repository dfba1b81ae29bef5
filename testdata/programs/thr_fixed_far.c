// MAP_FIXED far from everything, where a recorder would have its own memory, while other threads run.
#include "thread.h"

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define LENGTH (16ul << 20)

static volatile int ready, over;
static long words[3];

static void *spin(void *arg)
{
	long n = (long)arg;
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		words[n]++;
	return (void *)(long)(words[n] > 0);
}

int main(void)
{
	pthread_t t[3];
	for (int i = 0; i < 3; i++)
		t[i] = start(spin, i);
	until(&ready, 3);
	int right = 0;
	for (int i = 0; i < 8; i++) {
		char *want = (char *)FAR + i * APART;
		char *p = mmap(want, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (p == want) {
			p[0] = p[LENGTH - 1] = 1;
			right += p[0] + p[LENGTH - 1];
		}
		sched_yield();
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	long sum = 0;
	for (int i = 0; i < 3; i++)
		sum += join(t[i]);
	printf("%d right, %ld threads\n", right, sum);
}
