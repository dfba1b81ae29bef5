// A handler sees the registers of the interrupted code and changes them, XMM and flags too.
#include "prog.h"

static uint64_t seen[3];
static void edit(int sig, siginfo_t *si, void *v)
{
	ucontext_t *uc = v;
	seen[0] = REG(uc, R12), seen[1] = REG(uc, RBX);
	seen[2] = uc->uc_mcontext.fpregs->_xmm[7].element[0];
	REG(uc, R12) = 0xabcdef;
	REG(uc, RBX) += 1;
	REG(uc, EFL) ^= 1;
	uc->uc_mcontext.fpregs->_xmm[7].element[0] = 0x5555;
	uc->uc_mcontext.fpregs->_xmm[8].element[3] = 0x7777;
	REG(uc, RIP) += 2;
}

int main(void)
{
	handle(SIGILL, edit, 0);
	uint64_t r12 = 0x1212, rbx = 0x3434, x7 = 0x9999, x8 = 0;
	unsigned char carry;
	asm volatile("mov %[a], %%r12\n mov %[b], %%rbx\n movq %[c], %%xmm7\n pxor %%xmm8, %%xmm8\n clc\n"
	             "ud2\n setc %[f]\n mov %%r12, %[a]\n mov %%rbx, %[b]\n movq %%xmm7, %[c]\n"
	             "psrldq $12, %%xmm8\n movq %%xmm8, %[d]"
	             : [a] "+r"(r12), [b] "+r"(rbx), [c] "+r"(x7), [d] "+r"(x8), [f] "=m"(carry)
	             : : "r12", "rbx", "xmm7", "xmm8", "cc");
	printf("seen %lx %lx %lx\n", (long)seen[0], (long)seen[1], (long)seen[2]);
	printf("now %lx %lx %lx %lx carry %d\n", (long)r12, (long)rbx, (long)x7, (long)x8, carry);
}
