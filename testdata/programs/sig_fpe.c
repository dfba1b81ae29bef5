// SIGFPE of integer division: code, address, and the handler mends the divisor.
#include "prog.h"

static int code, at_pc, count;
static void mend(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code;
	at_pc = si->si_addr == (void *)REG(uc, RIP);
	REG(uc, RCX) = 5;
	count++;
}

int main(void)
{
	handle(SIGFPE, mend, 0);
	uint64_t q, r;
	asm volatile("div %%rcx" : "=a"(q), "=d"(r) : "0"(1234), "1"(0), "c"(0));
	printf("%lu rest %lu, FPE_INTDIV %d, at the instruction %d\n", (long)q, (long)r, code == FPE_INTDIV, at_pc);
	int a, b;
	asm volatile("idivl %%ecx" : "=a"(a), "=d"(b) : "0"(0x80000000), "1"(-1), "c"(-1));
	printf("%d rest %d\n", a, b);
	printf("%d signals\n", count);
}
