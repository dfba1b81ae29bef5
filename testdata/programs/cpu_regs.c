// All registers survive indirect jumps, calls and returns; XMM ones too.
#include "prog.h"

static uint64_t regs[2][16];
static unsigned char xmm[2][256];

asm(".globl shuttle\nshuttle:\n"
    "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "lea regs(%rip), %rax\n"
    "mov 8(%rax), %rcx\n mov 16(%rax), %rdx\n mov 24(%rax), %rbx\n mov 40(%rax), %rbp\n mov 48(%rax), %rsi\n mov 56(%rax), %rdi\n"
    "mov 64(%rax), %r8\n mov 72(%rax), %r9\n mov 80(%rax), %r10\n mov 88(%rax), %r11\n mov 96(%rax), %r12\n mov 104(%rax), %r13\n mov 112(%rax), %r14\n mov 120(%rax), %r15\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n movdqu xmm+16*\\n(%rip), %xmm\\n\n .endr\n"
    "lea 1f(%rip), %rax\n push %rax\n mov regs(%rip), %rax\n call *(%rsp)\n jmp 2f\n1: jmp *9f(%rip)\n8: ret\n"
    "2: add $8, %rsp\n push %rax\n lea regs+128(%rip), %rax\n"
    "mov %rcx, 8(%rax)\n mov %rdx, 16(%rax)\n mov %rbx, 24(%rax)\n mov %rbp, 40(%rax)\n mov %rsi, 48(%rax)\n mov %rdi, 56(%rax)\n"
    "mov %r8, 64(%rax)\n mov %r9, 72(%rax)\n mov %r10, 80(%rax)\n mov %r11, 88(%rax)\n mov %r12, 96(%rax)\n mov %r13, 104(%rax)\n mov %r14, 112(%rax)\n mov %r15, 120(%rax)\n"
    "pop (%rax)\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n movdqu %xmm\\n, xmm+256+16*\\n(%rip)\n .endr\n"
    "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n"
    ".section .data\n .balign 8\n9: .quad 8b\n .text\n");
void shuttle(void);

int main(void)
{
	int bad = 0;
	asm volatile("" : : "m"(regs), "m"(xmm));
	for (int round = 0; round < 1000; round++) {
		for (int i = 0; i < 16; i++)
			regs[0][i] = 0x9e3779b97f4a7c15u * (round * 16 + i + 1);
		for (int i = 0; i < 256; i++)
			xmm[0][i] = round * 7 + i;
		shuttle();
		asm volatile("" : : : "memory");
		regs[1][4] = regs[0][4]; // RSP
		bad += memcmp(regs[0], regs[1], sizeof regs[0]) != 0;
		bad += memcmp(xmm[0], xmm[1], sizeof xmm[0]) != 0;
	}
	printf("%d wrong\n", bad);
}
