// String instructions between threads that take turns: a turn may end before one of them.
#include "thread.h"

static long sum[2];

static void *work(void *arg)
{
	long n = (long)arg;
	char buffer[16];
	for (int i = 0; i < 300000; i++) {
		char *to = buffer;
		long count = 8, value = i + n;
		__asm__ volatile("stosb\n\tstosb\n\tstosb\n\tstosb\n\tstosb\n\tstosb\n\tstosb\n\trep stosb"
			: "+D"(to), "+c"(count) : "a"(value) : "memory");
		sum[n] += buffer[0] + buffer[14];
	}
	return 0;
}

int main(void)
{
	crowd(2, work);
	printf("%ld %ld\n", sum[0], sum[1]);
}
