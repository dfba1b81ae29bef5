// Reads the time stamp counter.
#include <x86intrin.h>

int main(void)
{
	unsigned long sum = 0;

	for (int i = 0; i < 20000000; i++)
		sum += __rdtsc();
	return sum == 42;
}
