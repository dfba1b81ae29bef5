// The trap flag: where it stops, in branches, string instructions, system calls, popf and behind mov ss; what pushf shows
#include "prog.h"

static int at[99], flags[99], n, wrong;
extern char begin[], finish[];

static void step(int sig, siginfo_t *si, void *uc)
{
	unsigned long inside;
	asm volatile("pushfq\n popq %0" : "=r"(inside));
	wrong += si->si_code != TRAP_TRACE || (greg_t)si->si_addr != REG(uc, RIP) || inside & 0x100 ||
		 REG(uc, TRAPNO) != 1 || REG(uc, ERR) != 0;
	at[n] = REG(uc, RIP) - (long)begin;
	flags[n++] = (REG(uc, EFL) >> 8 & 1) | (REG(uc, R11) >> 8 & 1) << 1;
	if (n == 60)
		REG(uc, EFL) &= ~0x100;
}

int main(void)
{
	static char from[8] = "abcdefg", to[8];
	char *si = from, *di = to;
	unsigned long pushed, after;
	handle(SIGTRAP, step, 0);
	asm volatile("sub $128, %%rsp\n xor %%r11d, %%r11d\n pushfq\n orl $0x100, (%%rsp)\n popfq\n"
		     "begin: nop\n pushfq\n popq %2\n"
		     "mov $39, %%eax\n syscall\n nop\n xor %%r11d, %%r11d\n"
		     "mov $3, %%ecx\n rep movsb\n xor %%ecx, %%ecx\n rep movsb\n"
		     "lodsb\n mov $4, %%ecx\n mov $'z', %%al\n repne scasb\n"
		     "mov $3, %%ecx\n 3: dec %%ecx\n jnz 3b\n mov $2, %%ecx\n 4: loop 4b\n"
		     "rdtsc\n xor %%ecx, %%ecx\n xor %%eax, %%eax\n cpuid\n"
		     "call 1f\n jmp 2f\n 1: lea 5f(%%rip), %%rax\n push %%rax\n ret $0\n 5: ret\n"
		     "2: mov %%ss, %%eax\n mov %%eax, %%ss\n nop\n"
		     "pushfq\n popfq\n nop\n pushfw\n andw $~0x100, (%%rsp)\n popfw\n nop\n nop\n"
		     "finish: pushfq\n popq %3\n add $128, %%rsp"
		     : "+S"(si), "+D"(di), "=&r"(pushed), "=&r"(after)
		     : : "rax", "rcx", "rdx", "rbx", "r11", "cc", "memory");
	for (int i = 0; i < n; i++)
		printf("%d:%d ", at[i], flags[i]);
	printf("\n%d steps, %d wrong, to %d\n", n, wrong, (int)(finish - begin));
	printf("pushf in between %lu, behind %lu, copied %s\n", pushed >> 8 & 1, after >> 8 & 1, to);
}
