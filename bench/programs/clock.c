// Asks for the time.
#include <time.h>

int main(void)
{
	unsigned long sum = 0;
	struct timespec t;
	for (int i = 0; i < 20000000; i++)
		sum += clock_gettime(CLOCK_MONOTONIC, &t) + t.tv_nsec;
	return sum == 42;
}
