// SIGSEGV handlers that change registers and the program counter and let the program go on.
#include "prog.h"

static int good = 41;
static volatile int faults;

static void handler(int sig, siginfo_t *si, void *uc)
{
	faults++;
	if (REG(uc, RDI) == 0x10)
		REG(uc, RDI) = (long)&good; // and again
	else if (REG(uc, RSI) == 0x77) {
		REG(uc, RIP) += 2; // over mov (%rdi), %eax
		REG(uc, RAX) = 1000;
	} else
		_exit(98);
}

static int load(long p, long how)
{
	int v;
	asm volatile("movl (%%rdi), %%eax" : "=a"(v) : "D"(p), "S"(how) : "memory");
	return v;
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	int sum = 0;
	for (int i = 0; i < 50; i++) {
		sum += load(0x10, 0);
		sum += load(0x20, 0x77);
		sum += load((long)&good, 0);
	}
	printf("sum %d faults %d\n", sum, faults);
}
