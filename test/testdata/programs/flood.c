// Makes events without end that cannot be compressed.
#include <stdio.h>
#include <sys/random.h>

int main(void)
{
	static char buf[4096];
	puts("begins");
	fflush(stdout);
	for (;;)
		if (getrandom(buf, sizeof buf, 0) < 0)
			return 1;
}
