// Threads that wait for each other in loops with PAUSE take no turn's length for that.
#include "thread.h"
#include <stdatomic.h>

enum { handovers = 10000 };

static atomic_int turn;

static void *hand_over(void *arg)
{
	int me = (long)arg;
	for (int i = 0; i < handovers; i++) {
		while (turn != me)
			__builtin_ia32_pause();
		turn = 1 - me;
	}
	return 0;
}

int main(void)
{
	time_t begin = time(0);
	crowd(2, hand_over);
	puts(time(0) - begin < 30 ? "soon" : "late");
}
