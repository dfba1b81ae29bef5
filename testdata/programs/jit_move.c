// Code moved by mremap and copied by memcpy, executed at the new place; the old one faults.
#include "jit.h"
#include <setjmp.h>

static sigjmp_buf out;
static void handler(int sig, siginfo_t *si, void *uc)
{
	siglongjmp(out, 1);
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	unsigned char *p = (void *)pages(2, PROT_READ | PROT_WRITE | PROT_EXEC);
	constant(p, 10), constant(p + PAGE, 20);
	printf("%ld %ld\n", call(p, 0), call(p + PAGE, 0));
	unsigned char *room = (void *)pages(4, PROT_NONE);
	unsigned char *q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	printf("%ld %ld\n", call(q, 1), call(q + PAGE, 1));
	printf("old place: %s\n", sigsetjmp(out, 1) ? "fault" : (call(p, 0), "no fault"));
	unsigned char *r = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	memcpy(r, q, 64);
	constant(q, 11);
	printf("copy %ld original %ld\n", call(r, 0), call(q, 0));
	q = mremap(q, 2 * PAGE, PAGE, 0);
	printf("cut off: %s\n", sigsetjmp(out, 1) ? "fault" : (call(q + PAGE, 0), "no fault"));
	printf("kept %ld\n", call(q, 0));
}
