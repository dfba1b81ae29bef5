// siglongjmp and longjmp out of handlers, a thousand times, masks restored or not.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf env;
static void out(int sig, siginfo_t *si, void *uc) { siglongjmp(env, sig); }

int main(void)
{
	volatile int n = 0, sum = 0;
	sigset_t m;
	handle(SIGSEGV, out, 0);
	handle(SIGUSR1, out, 0);
	while (n < 1000) {
		int r = sigsetjmp(env, 1);
		if (r) {
			sum += r;
			n++;
			continue;
		}
		if (n & 1)
			*(volatile int *)8 = 1;
		else
			raise(SIGUSR1);
	}
	printf("sum %d\n", sum);
	if (!sigsetjmp(env, 0))
		raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, 0, &m);
	printf("still blocked %d\n", sigismember(&m, SIGUSR1));
}
