// Restartable sequences: libc says whether it registered them, and sched_getcpu works either way.
#include "thread.h"

static void *asks(void *arg)
{
	long bad = 0;
	for (int i = 0; i < 1000; i++) {
		int cpu = sched_getcpu();
		bad += cpu < 0 || cpu >= sysconf(_SC_NPROCESSORS_CONF);
	}
	return (void *)bad;
}

int main(void)
{
	printf("bad %ld\n", crowd(3, asks));
	result("misaligned", syscall(SYS_rseq, 4, 32, 0, 0x53053053) == -1 ? -7 : 0);
}
