// Instructions that the CPU refuses: RDTSC where the program has forbidden itself
// that, and XGETBV of a register that there is not.
#include "prog.h"
#include <setjmp.h>
#include <sys/prctl.h>

static sigjmp_buf back;
static volatile uintptr_t expected;
static volatile int code;

static void caught(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code;
	check(sig == SIGSEGV && REG(uc, RIP) == expected, "the fault is where the instruction is");
	check(REG(uc, RBX) == 0x1234, "the registers are its");
	siglongjmp(back, 1);
}

#define TRY(insn, in_c) \
	if (!sigsetjmp(back, 1)) { \
		asm volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %0\n\tmov $0x1234, %%ebx\n\tmov %1, %%ecx\n1:\t" insn \
			     : "=m"(expected) : "i"(in_c) : "rax", "rbx", "rcx", "rdx", "memory"); \
		puts(insn " is executed"); \
	} else { \
		printf(insn " faults, code %d\n", code); \
	}

int main(void)
{
	handle(SIGSEGV, caught, 0);
	TRY("rdtsc", 0);
	must(prctl(PR_SET_TSC, PR_TSC_SIGSEGV), "prctl");
	TRY("rdtsc", 0);
	TRY("rdtsc", 1);
	TRY("rdtscp", 0);
	must(prctl(PR_SET_TSC, PR_TSC_ENABLE), "prctl");
	TRY("rdtsc", 0);
	TRY("rdtscp", 0);
	TRY("xgetbv", 0);
	TRY("xgetbv", 77);
	TRY("cpuid", 0);
	return 0;
}
