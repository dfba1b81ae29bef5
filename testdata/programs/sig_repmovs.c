// A fault in the middle of rep movs, stos and lods: registers tell how far it came; it resumes.
#include "prog.h"

static char *hole;
static long left, src_off, dst_off;
static char *src, *dst;
static void fill(int sig, siginfo_t *si, void *uc)
{
	left = REG(uc, RCX);
	src_off = (char *)REG(uc, RSI) - src;
	dst_off = (char *)REG(uc, RDI) - dst;
	mprotect(hole, PAGE, PROT_READ | PROT_WRITE);
}

int main(void)
{
	handle(SIGSEGV, fill, 0);
	src = pages(3, PROT_READ | PROT_WRITE), dst = pages(3, PROT_READ | PROT_WRITE);
	for (int i = 0; i < 3 * PAGE; i++)
		src[i] = i * 7;
	hole = dst + PAGE;
	mprotect(hole, PAGE, PROT_NONE);
	void *s = src + 10, *d = dst + 16;
	unsigned long n = (2 * PAGE) / 8;
	asm volatile("rep movsq" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
	printf("left %ld src %ld dst %ld\n", left, src_off, dst_off);
	check(!memcmp(src + 10, dst + 16, 2 * PAGE) && !n, "copied");
	hole = src + PAGE;
	mprotect(hole, PAGE, PROT_NONE);
	s = src + 3 * PAGE - 1, d = dst + 3 * PAGE - 1, n = 2 * PAGE + 100;
	asm volatile("std\n rep movsb\n cld" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
	printf("left %ld src %ld dst %ld\n", left, src_off, dst_off);
	hole = dst + 2 * PAGE;
	mprotect(hole, PAGE, PROT_NONE);
	d = dst + PAGE + 3, n = PAGE;
	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(0x5a) : "memory");
	printf("left %ld dst %ld hash %016lx\n", left, dst_off, (long)hash(dst, 3 * PAGE));
}
