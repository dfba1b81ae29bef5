// A loop of arithmetic.
#include <stdio.h>

int main(void)
{
	unsigned long a = 1, b = 2, c = 3;
	for (long i = 0; i < 1500000000; i++) {
		a = a * 6364136223846793005UL + 1442695040888963407UL;
		b ^= a >> 29;
		c += b;
	}
	printf("%lx\n", c);
	return 0;
}
