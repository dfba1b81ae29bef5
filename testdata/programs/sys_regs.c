// flags: -O1
// A system call changes RAX, RCX (return address) and R11 (flags), nothing else.
#include "prog.h"

static uint64_t in[16], out[16], flags_out;

// Order of in and out: rbx rcx rdx rsi rdi rbp r8..r15.
asm(".globl probe\nprobe:\n"
    "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "lea in(%rip), %rax\n"
    "mov (%rax), %rbx\n mov 16(%rax), %rdx\n mov 24(%rax), %rsi\n mov 32(%rax), %rdi\n mov 40(%rax), %rbp\n"
    "mov 48(%rax), %r8\n mov 56(%rax), %r9\n mov 64(%rax), %r10\n mov 72(%rax), %r11\n"
    "mov 80(%rax), %r12\n mov 88(%rax), %r13\n mov 96(%rax), %r14\n mov 104(%rax), %r15\n"
    "mov $39, %eax\n stc\n syscall\n"
    ".globl after\nafter:\n"
    "pushfq\n popq flags_out(%rip)\n"
    "push %rax\n lea out(%rip), %rax\n"
    "mov %rbx, (%rax)\n mov %rcx, 8(%rax)\n mov %rdx, 16(%rax)\n mov %rsi, 24(%rax)\n mov %rdi, 32(%rax)\n mov %rbp, 40(%rax)\n"
    "mov %r8, 48(%rax)\n mov %r9, 56(%rax)\n mov %r10, 64(%rax)\n mov %r11, 72(%rax)\n"
    "mov %r12, 80(%rax)\n mov %r13, 88(%rax)\n mov %r14, 96(%rax)\n mov %r15, 104(%rax)\n"
    "pop %rax\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n");
long probe(void);
extern char after[];

int main(void)
{
	asm volatile("" : : "m"(in), "m"(out), "m"(flags_out));
	for (int i = 0; i < 14; i++)
		in[i] = 0x1111111111111111u * (i + 1);
	long r = probe();
	check(r == getpid(), "result");
	for (int i = 0; i < 14; i++)
		if (i != 1 && i != 9 && in[i] != out[i])
			printf("register %d changed\n", i);
	check(out[1] == (uint64_t)after, "rcx is the return address");
	check(out[9] == flags_out, "r11 is the flags");
	printf("carry %d\n", (int)(flags_out & 1));
}
