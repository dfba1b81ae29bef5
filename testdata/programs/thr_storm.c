// Five thousand threads, each joined before the next.
#include "thread.h"

static long n;

static void *add(void *arg)
{
	n += (long)arg;
	return arg;
}

int main(void)
{
	long bad = 0;
	for (long i = 0; i < 5000; i++)
		bad += join(start(add, i)) != i;
	printf("n %ld bad %ld\n", n, bad);
}
