// SIGSEGV: siginfo for unmapped, protected and non-canonical addresses; the handler skips.
#include "prog.h"

static siginfo_t info;
static long err, trap;
static char *cr2;

static void segv(int sig, siginfo_t *si, void *uc)
{
	info = *si;
	err = REG(uc, ERR), trap = REG(uc, TRAPNO), cr2 = (char *)REG(uc, CR2);
	REG(uc, RIP) += 3; // both instructions below have 3 bytes
	REG(uc, RAX) = 1000;
}

static void probe(const char *what, char *p, int write)
{
	long v = 77;
	memset(&info, 0, sizeof info);
	if (write)
		asm volatile("mov %%rax, (%%rbx)" : "+a"(v) : "b"(p) : "memory");
	else
		asm volatile("mov (%%rbx), %%rax" : "+a"(v) : "b"(p) : "memory");
	printf("%s: signal %d code %d addr %d err %lx trap %ld cr2 %d rax %ld\n", what, info.si_signo,
	       info.si_code, info.si_addr == p, err, trap, cr2 == p, v);
}

int main(void)
{
	char *none = pages(1, PROT_NONE), *ro = pages(1, PROT_READ), *gone = pages(1, PROT_READ);
	munmap(gone, PAGE);
	handle(SIGSEGV, segv, 0);
	probe("null", 0, 0);
	probe("null + 16, store", (char *)16, 1);
	probe("no access", none + 8, 0);
	probe("read-only, store", ro + 100, 1);
	probe("unmapped", gone, 0);
	probe("kernel", (char *)0xffffffff81000000, 0);
	err = trap = 0, cr2 = 0;
	probe("non-canonical", (char *)0x8000000000000000, 0);
	int same = 1;
	for (int i = 0; i < 2000; i++) {
		long v;
		asm volatile("mov (%%rbx), %%rax" : "=a"(v) : "b"(none) : "memory");
		same &= v == 1000;
	}
	check(same, "2000 times");
}
