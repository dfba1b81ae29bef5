// One thread writes functions, others run them as soon as they are published.
#include "thread.h"

enum { N = 60 };
static unsigned char *code;
static volatile int published, finished[N];

static void *runs(void *arg)
{
	long sum = 0;
	for (int i = 0; i < N; i++) {
		until(&published, i + 1);
		sum += ((int (*)(void))code)();
		__atomic_fetch_add(&finished[i], 1, __ATOMIC_RELEASE);
	}
	return (void *)sum;
}

static void *writes(void *arg)
{
	for (int i = 0; i < N; i++) {
		unsigned char f[] = {0xb8, i, i >> 8, 0, 0, 0xc3}; // mov $i, %eax; ret
		memcpy(code, f, sizeof f);
		__atomic_store_n(&published, i + 1, __ATOMIC_RELEASE);
		until(&finished[i], 3);
	}
	return 0;
}

static void *either(void *arg)
{
	return arg ? runs(arg) : writes(arg);
}

int main(void)
{
	code = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	printf("sum %ld\n", crowd(4, either));
}
