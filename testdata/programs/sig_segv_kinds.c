// SIGSEGV of all kinds: address and code for missing and protected memory, reads, writes, jumps, non-canonical addresses.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;
static siginfo_t info;
static long err, trap;

static void handler(int sig, siginfo_t *si, void *uc)
{
	info = *si;
	err = REG(uc, ERR), trap = REG(uc, TRAPNO);
	siglongjmp(out, 1);
}

static void show(const char *what, void *at)
{
	printf("%s: signal %d code %d at %d error %lx trap %ld\n", what, info.si_signo, info.si_code, info.si_addr == at, err, trap);
}

#define TRY(what, at, action) \
	do { \
		if (!sigsetjmp(out, 1)) { \
			action; \
			puts("no fault"); \
		} else \
			show(what, at); \
	} while (0)

int main(void)
{
	handle(SIGSEGV, handler, 0);
	handle(SIGBUS, handler, 0);
	volatile char *none = pages(3, PROT_NONE), *ro = pages(1, PROT_READ), *gone = pages(1, PROT_READ);
	munmap((void *)gone, PAGE);
	TRY("read unmapped", (void *)gone, *gone);
	TRY("write unmapped", (void *)gone, *gone = 1);
	TRY("read PROT_NONE", (void *)none, *none);
	TRY("write read-only", (void *)ro, *ro = 1);
	TRY("jump to data", (void *)ro, ((void (*)(void))ro)());
	TRY("jump to nothing", (void *)gone, ((void (*)(void))gone)());
	TRY("null call", 0, ((void (*)(void))0)());
	TRY("non-canonical read", 0, *(volatile char *)0x8000000000000000);
	TRY("non-canonical jump", 0, ((void (*)(void))0x8000000000000000)());
	TRY("kernel address", (void *)0xffffffff80000000, *(volatile char *)0xffffffff80000000);
	TRY("hlt", 0, asm volatile("hlt"));
	TRY("cli", 0, asm volatile("cli"));
	TRY("in", 0, asm volatile("inb %%dx, %%al" ::"d"(0x80) : "rax"));
}
