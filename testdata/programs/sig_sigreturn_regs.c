// A handler that changes the saved registers, flags, vector state and mask: they are there after it.
#include "prog.h"

static void handler(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	REG(uc, RBX) = 0x1111, REG(uc, R12) = 0x2222, REG(uc, R15) = 0x3333;
	REG(uc, EFL) |= 0x41; // carry and zero
	u->uc_mcontext.fpregs->_xmm[7].element[0] = 0xabcdef;
	sigaddset(&u->uc_sigmask, SIGHUP);
}

int main(void)
{
	long rbx, r12, r15, flags, xmm;
	sigset_t set;
	handle(SIGUSR1, handler, 0);
	asm volatile("xor %%ebx, %%ebx\n"
		"xor %%r12d, %%r12d\n"
		"xor %%r15d, %%r15d\n"
		"pxor %%xmm7, %%xmm7\n"
		"test %%rsp, %%rsp\n" // clears carry and zero
		"mov $62, %%eax\n"    // kill
		"syscall\n"
		"mov %%rbx, %0\n"
		"mov %%r12, %1\n"
		"mov %%r15, %2\n"
		"pushf\n"
		"pop %3\n"
		"movq %%xmm7, %4\n"
		: "=&r"(rbx), "=&r"(r12), "=&r"(r15), "=&r"(flags), "=&r"(xmm)
		: "D"((long)getpid()), "S"((long)SIGUSR1)
		: "rax", "rbx", "rcx", "r11", "r12", "r15", "xmm7", "memory");
	printf("%lx %lx %lx flags %lx xmm %lx\n", rbx, r12, r15, flags & 0x41, xmm);
	sigprocmask(SIG_BLOCK, 0, &set);
	printf("HUP blocked %d USR1 blocked %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGUSR1));
}
