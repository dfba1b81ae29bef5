// SIGKILL ends a process that shares memory, wherever it is; what it has written stays.
#include "prog.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static volatile unsigned long counts[64];
static char stack[65536] __attribute__((aligned(16)));

__attribute__((noinline)) static void count(unsigned long i)
{
	counts[i % 64] += i;
}

static int run(void *arg)
{
	for (unsigned long i = 0;; i++)
		count(i);
}

int main(void)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid = clone(run, stack + sizeof stack, CLONE_VM | SIGCHLD, 0);
		nanosleep(&(struct timespec){0, 1000000 + 100000 * i}, 0);
		kill(pid, SIGKILL);
		int status;
		waitpid(pid, &status, 0);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			printf("status %#x\n", status);
		// Its last count decides how often this thread jumps.
		for (unsigned long j = counts[5] % 1000; j > 0; j--)
			counts[63] ^= j;
	}
	puts(counts[5] ? "counted" : "not counted");
}
