// SIGILL: ud2 and an undefined encoding, siginfo, skipping; then hlt, which is SIGSEGV.
#include "prog.h"

static int last, code, at_pc, skip;
static void skipper(int sig, siginfo_t *si, void *uc)
{
	last = sig, code = si->si_code;
	at_pc = si->si_addr == (void *)REG(uc, RIP);
	REG(uc, RIP) += skip;
}

int main(void)
{
	handle(SIGILL, skipper, 0);
	handle(SIGSEGV, skipper, 0);
	skip = 2;
	asm volatile("ud2");
	printf("signal %d ILL_ILLOPN %d at %d\n", last, code == ILL_ILLOPN, at_pc);
	skip = 1, last = 0;
	asm volatile(".byte 0x06"); // push es: gone in 64-bit mode
	printf("signal %d ILL_ILLOPN %d at %d\n", last, code == ILL_ILLOPN, at_pc);
	last = 0;
	asm volatile("hlt");
	printf("signal %d SI_KERNEL %d\n", last, code == SI_KERNEL);
	last = 0, skip = 2;
	asm volatile(".byte 0xfa, 0x90"); // cli; nop
	printf("signal %d SI_KERNEL %d\n", last, code == SI_KERNEL);
	skip = 2, last = 0;
	asm volatile("in $0x80, %%al" : : : "rax");
	printf("signal %d\n", last);
}
