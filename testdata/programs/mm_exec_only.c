// Permissions without read: what write-only and execute-only memory allows; execution without PROT_EXEC.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;
static void handler(int sig, siginfo_t *si, void *uc)
{
	siglongjmp(out, 1);
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	static const unsigned char code[] = {0xb8, 5, 0, 0, 0, 0xc3};
	for (int prot = 0; prot < 8; prot++) {
		unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE);
		memcpy(p, code, sizeof code);
		must(mprotect(p, PAGE, prot), "mprotect");
		int w = sigsetjmp(out, 1) ? 0 : (*(volatile char *)(p + 100) = 1, 1);
		int x = sigsetjmp(out, 1) ? 0 : ((int (*)(void))p)();
		printf("%d: write %d execute %d", prot, w, x);
		if (prot & 3) { // what PROT_EXEC alone allows depends on the CPU
			int r = sigsetjmp(out, 1) ? 0 : (*(volatile char *)p, 1);
			printf(" read %d", r);
		}
		puts("");
	}
}
