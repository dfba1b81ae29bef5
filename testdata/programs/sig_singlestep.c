// The trap flag: a handler counts the steps through known instructions.
#include "prog.h"

static int steps, code;
static void step(int sig, siginfo_t *si, void *uc)
{
	steps++;
	code = si->si_code;
	if (steps >= 6)
		REG(uc, EFL) &= ~0x100;
}

int main(void)
{
	handle(SIGTRAP, step, 0);
	asm volatile("sub $128, %%rsp\n pushfq\n orl $0x100, (%%rsp)\n popfq\n"
	             "nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n add $128, %%rsp" : : : "cc", "memory");
	printf("%d steps, TRAP_TRACE %d\n", steps, code == TRAP_TRACE);
}
