// Two threads hand a word back and forth with sched_yield alone.
#include "thread.h"

static volatile int turn;

static void *player(void *arg)
{
	int me = (long)arg;
	for (int i = 0; i < 500; i++) {
		while (turn % 2 != me)
			sched_yield();
		turn++;
	}
	return 0;
}

int main(void)
{
	crowd(2, player);
	printf("turns %d\n", turn);
}
