// SIGTRAP of int3: code, program counter behind it, many times.
#include "prog.h"

static int code, count;
static char *pc;
static void trap(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code;
	pc = (char *)REG(uc, RIP);
	count++;
}

int main(void)
{
	handle(SIGTRAP, trap, 0);
	char *here;
	asm volatile("lea 1f(%%rip), %0\n int3\n1:" : "=r"(here));
	printf("SI_KERNEL %d, behind %d\n", code == SI_KERNEL, pc == here);
	asm volatile("lea 1f(%%rip), %0\n int $3\n1:" : "=r"(here));
	printf("int $3: signal arrived %d, behind %d\n", count == 2, pc == here);
	for (int i = 0; i < 1000; i++)
		asm volatile("int3");
	printf("%d\n", count);
	raise(SIGTRAP);
	printf("%d SI_TKILL %d\n", count, code == SI_TKILL);
}
