// The trap flag set in a signal's frame, by iret, and in a handler; other signals meanwhile; ended by longjmp
#include "prog.h"
#include <setjmp.h>

static volatile int steps, others, nested, limit, seen;
static sigjmp_buf back;

static void step(int sig, siginfo_t *si, void *uc)
{
	if (++steps == limit)
		REG(uc, EFL) &= ~0x100;
	if (steps == 1000)
		siglongjmp(back, 1);
}

static void start(int sig, siginfo_t *si, void *uc) { REG(uc, EFL) |= 0x100; }

static void other(int sig, siginfo_t *si, void *uc)
{
	others++;
	seen += REG(uc, EFL) >> 8 & 1;
}

static void traced(int sig, siginfo_t *si, void *uc)
{
	nested++;
	asm volatile("sub $128, %%rsp\n pushfq\n orl $0x100, (%%rsp)\n popfq\n nop\n nop\n add $128, %%rsp" : : : "cc", "memory");
}

int main(void)
{
	handle(SIGTRAP, step, 0);
	handle(SIGUSR1, start, 0);
	handle(SIGUSR2, other, 0);
	handle(SIGHUP, traced, 0);

	long pid = getpid();
	limit = 5;
	asm volatile("syscall\n nop\n nop\n nop\n nop\n nop\n nop\n nop" : : "a"(SYS_kill), "D"(pid), "S"(SIGUSR1) : "rcx", "r11", "memory");
	printf("by a frame: %d steps\n", steps);

	steps = 0, limit = 12;
	asm volatile("sub $128, %%rsp\n mov %%rsp, %%rcx\n mov %%ss, %%eax\n push %%rax\n push %%rcx\n pushfq\n orl $0x100, (%%rsp)\n"
		     "mov %%cs, %%eax\n push %%rax\n lea 1f(%%rip), %%rax\n push %%rax\n iretq\n 1:"
		     "nop\n nop\n mov %0, %%eax\n syscall\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n add $128, %%rsp"
		     : : "i"(SYS_kill), "D"(pid), "S"(SIGUSR2) : "rax", "rcx", "r11", "cc", "memory");
	printf("by iret: %d steps, %d other signals, trap flag in their frames %d\n", steps, others, seen);

	steps = 0, limit = 1000000;
	kill(pid, SIGHUP);
	printf("in a handler: %d, steps up to its return %d\n", nested, steps > 2);

	steps = 0;
	if (!sigsetjmp(back, 1)) {
		asm volatile("sub $128, %%rsp\n pushfq\n orl $0x100, (%%rsp)\n popfq\n add $128, %%rsp" : : : "cc", "memory");
		for (volatile int i = 0;; i++)
			;
	}
	unsigned long flags;
	asm volatile("sub $128, %%rsp\n pushfq\n popq %0\n add $128, %%rsp" : "=r"(flags) : : "cc", "memory");
	printf("longjmp behind %d steps, trap flag %lu\n", steps, flags >> 8 & 1);
}
