// Shared memory after fork: counters of five processes, by atomics.
#include "prog.h"

int main(void)
{
	long *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int st;
	for (int i = 0; i < 4; i++)
		if (!must(fork(), "fork")) {
			for (int n = 0; n < 5000; n++) {
				__atomic_fetch_add(&p[0], 1, __ATOMIC_RELAXED);
				long old = p[1];
				while (!__atomic_compare_exchange_n(&p[1], &old, old + i, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
					;
			}
			p[10 + i] = getpid();
			_exit(0);
		}
	for (int n = 0; n < 5000; n++)
		__atomic_fetch_add(&p[0], 1, __ATOMIC_RELAXED);
	long pids = 0;
	pid_t pid;
	while ((pid = wait(&st)) > 0)
		for (int i = 0; i < 4; i++)
			pids += p[10 + i] == pid;
	printf("%ld %ld, %ld pids\n", p[0], p[1], pids);
}
