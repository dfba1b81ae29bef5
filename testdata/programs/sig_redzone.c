// flags: -O2
// Timer signals land in leaf functions that use the red zone and flags.
#include "prog.h"
#include <sys/time.h>

static volatile int ticks;
static void tick(int sig, siginfo_t *si, void *uc)
{
	char junk[2000];
	memset(junk, 0xcc, sizeof junk);
	asm volatile("" : : "r"(junk) : "memory");
	ticks++;
}

static __attribute__((noinline)) uint64_t leaf(uint64_t n)
{
	uint64_t r;
	asm volatile("mov %1, -8(%%rsp)\n movq $0, -16(%%rsp)\n movq $7, -120(%%rsp)\n"
	             "1: mov -120(%%rsp), %%rax\n imul $31, %%rax\n add -8(%%rsp), %%rax\n mov %%rax, -120(%%rsp)\n"
	             "adcq $0, -16(%%rsp)\n decq -8(%%rsp)\n jnz 1b\n"
	             "mov -120(%%rsp), %0\n xor -16(%%rsp), %0"
	             : "=r"(r) : "r"(n) : "rax", "cc", "memory");
	return r;
}

int main(void)
{
	handle(SIGALRM, tick, 0);
	struct itimerval it = {{0, 1000}, {0, 1000}};
	uint64_t want = leaf(200000), bad = 0;
	setitimer(ITIMER_REAL, &it, 0);
	for (int i = 0; i < 200 || ticks < 20; i++)
		bad += leaf(200000) != want;
	it = (struct itimerval){0};
	setitimer(ITIMER_REAL, &it, 0);
	printf("%016lx, %lu wrong\n", (long)want, (long)bad);
}
