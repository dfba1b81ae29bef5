// push, call, pop and ret fault at a guard page: RSP and RIP are as before the instruction.
#include "prog.h"

static char alt[65536];
static char *fault_pc, *fault_sp, *fault_addr;
static uint64_t resume, sp;
static void guard(int sig, siginfo_t *si, void *uc)
{
	fault_pc = (char *)REG(uc, RIP), fault_sp = (char *)REG(uc, RSP), fault_addr = si->si_addr;
	REG(uc, RIP) = resume;
	REG(uc, RSP) = sp;
}

#define TRY(name, stack, insn) do { \
	char *here; \
	asm volatile("lea 1f(%%rip), %%rax\n mov %%rax, %0\n lea 2f(%%rip), %%rax\n mov %%rax, %1\n mov %%rsp, %2\n" \
	             "mov %3, %%rsp\n 2: " insn "\n1:" : "=m"(resume), "=&b"(here), "=m"(sp) : "r"(stack) : "rax", "memory", "cc"); \
	printf(name ": pc %d sp %ld addr %ld\n", fault_pc == here, (long)(fault_sp - base), (long)(fault_addr - base)); \
} while (0)

int main(void)
{
	char *mem = pages(3, PROT_READ | PROT_WRITE), *base = mem + PAGE;
	mprotect(mem, PAGE, PROT_NONE);
	mprotect(mem + 2 * PAGE, PAGE, PROT_NONE);
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
	sigaltstack(&ss, 0);
	handle(SIGSEGV, guard, SA_ONSTACK);
	TRY("push", base, "push %%rcx");
	TRY("push across", base + 4, "push %%rcx");
	TRY("push immediate", base, "push $5");
	TRY("pushf", base, "pushfq");
	TRY("call", base, "call 1f");
	TRY("call register", base, "call *%%rax");
	TRY("pop", base + PAGE, "pop %%rcx");
	TRY("ret", base + PAGE, "ret");
	TRY("ret 16", base + PAGE - 4, "ret $16");
	TRY("push memory", base, "push 8(%%rsp)");
}
