// Runs for some seconds in one place.
#include <stdio.h>

static int stage;

void never(void)
{
}

static volatile long n;

int main(void)
{
	stage = 1;
	for (n = 0; n < 4000000000; n++)
		;
	stage = 2;
	printf("%ld\n", n);
	return 0;
}
