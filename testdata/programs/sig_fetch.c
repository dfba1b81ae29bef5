// Fetch faults: an instruction that crosses into an unmapped page, a jump to null, to data, past the end.
#include "prog.h"

static char *at, *addr;
static int sig_seen, code;
static uint64_t resume, sp;
static void fetch(int sig, siginfo_t *si, void *uc)
{
	sig_seen = sig, code = si->si_code;
	at = (char *)REG(uc, RIP), addr = si->si_addr;
	REG(uc, RIP) = resume;
	REG(uc, RSP) = sp;
}

static void enter(const char *what, void *target, char *fault)
{
	asm volatile("push %%rbp\n lea 1f(%%rip), %%rax\n mov %%rax, %0\n mov %%rsp, %1\n call *%2\n1: pop %%rbp"
	             : "=m"(resume), "=m"(sp) : "r"(target)
	             : "rax", "memory", "cc");
	printf("%s: signal %d code %d pc %d addr %d\n", what, sig_seen, code, at == (char *)target, addr == fault);
	sig_seen = code = 0;
}

int main(void)
{
	handle(SIGSEGV, fetch, 0);
	char *p = pages(2, PROT_READ | PROT_WRITE), *data = pages(1, PROT_READ | PROT_WRITE);
	memset(p, 0x90, PAGE);
	memset(data, 0xc3, PAGE);
	p[PAGE - 2] = 0x48, p[PAGE - 1] = 0xb8; // mov $imm64, %rax: 8 bytes missing
	munmap(p + PAGE, PAGE);
	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
	enter("null", 0, 0);
	enter("data", data, data);
	enter("unmapped", p + PAGE, p + PAGE);
	enter("crossing", p + PAGE - 2, p + PAGE);
	char *start = p + PAGE - 200; // runs through the nops first
	asm volatile("" : "+r"(start));
	enter("running into it", start, p + PAGE);
	printf("stopped at the crossing instruction %d\n", at == p + PAGE - 2);
	mprotect(p, PAGE, PROT_READ);
	enter("no longer executable", p, p);
	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
	enter("executable again", start, p + PAGE);
}
