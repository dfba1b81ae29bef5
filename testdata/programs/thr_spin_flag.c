// Threads that spin on plain variables, without pause, yield or system calls, still get their turn.
#include "thread.h"

static volatile int baton, chain[4];

static void *relay(void *arg)
{
	int me = (long)arg;
	for (int lap = 0; lap < 5; lap++) {
		while (baton != lap * 4 + me)
			;
		chain[me] += lap;
		baton++;
	}
	return 0;
}

int main(void)
{
	crowd(4, relay);
	printf("baton %d, %d %d %d %d\n", baton, chain[0], chain[1], chain[2], chain[3]);
}
