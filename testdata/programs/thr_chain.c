// A chain of threads, each made and joined by the one before it.
#include "thread.h"

static void *chain(void *arg)
{
	long n = (long)arg;
	return n ? (void *)(n + join(start(chain, n - 1))) : 0;
}

int main(void)
{
	printf("%ld\n", join(start(chain, 60)));
}
