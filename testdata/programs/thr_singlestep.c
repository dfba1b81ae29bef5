// flags: -pthread
// Two threads that step by the trap flag, one that does not, and shared memory under it
#include "prog.h"
#include <pthread.h>
#include <stdatomic.h>

static __thread volatile int steps;
static atomic_int ready, stop;
static int *shared;

static void step(int sig, siginfo_t *si, void *uc)
{
	if (++steps == 80)
		REG(uc, EFL) &= ~0x100;
}

static void *run(void *arg)
{
	char from[16] = "some words here", to[16];
	ready++;
	while (ready < 3)
		;
	for (int i = 0; i < 2; i++) {
		char *s = from, *d = to;
		long n = 16;
		int *p = shared;
		steps = 0;
		asm volatile("sub $128, %%rsp\n pushfq\n orl $0x100, (%%rsp)\n popfq\n add $128, %%rsp\n"
			     "rep movsb\n mov $25, %%ecx\n 1: lock incl (%2)\n incl 4(%2)\n loop 1b"
			     : "+S"(s), "+D"(d), "+r"(p), "+c"(n) : : "cc", "memory");
	}
	stop++;
	return (void *)(long)(steps + to[3]);
}

int main(void)
{
	pthread_t t[2];
	void *r[2];
	long spins = 0;
	shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, tmpfile_fd(calloc(1, PAGE), PAGE), 0);
	handle(SIGTRAP, step, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], 0, run, 0);
	ready++;
	while (stop < 2)
		spins++;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], &r[i]);
	printf("%ld %ld, shared %d, spun %d\n", (long)r[0], (long)r[1], shared[0], spins > 0);
}
