// A futex in shared memory: parent and child take turns.
#include "thread.h"

static volatile int *turn;

static void play(int me, int *log)
{
	for (int i = 0; i < 200; i++) {
		for (int v; (v = *turn) % 2 != me;)
			futex((int *)turn, FUTEX_WAIT, v, 0, 0, 0);
		log[*turn] = me;
		__atomic_fetch_add(turn, 1, __ATOMIC_SEQ_CST);
		futex((int *)turn, FUTEX_WAKE, 1, 0, 0, 0);
	}
}

int main(void)
{
	int *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), st;
	turn = p;
	pid_t pid = must(fork(), "fork");
	play(pid ? 0 : 1, p + 100);
	if (!pid)
		_exit(0);
	waitpid(pid, &st, 0);
	long bad = 0;
	for (int i = 0; i < 400; i++)
		bad += p[100 + i] != i % 2;
	printf("turns %d bad %ld\n", *turn, bad);
}
