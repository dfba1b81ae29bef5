// flags: -O0 -Wno-infinite-recursion
// Stack overflow is caught on the alternate stack, twice.
#include "prog.h"
#include <setjmp.h>
#include <sys/resource.h>

static sigjmp_buf env;
static volatile int codes;
static void overflow(int sig, siginfo_t *si, void *uc)
{
	char here;
	codes += si->si_code == SEGV_MAPERR;
	uintptr_t d = (uintptr_t)REG(uc, RSP) - (uintptr_t)si->si_addr;
	siglongjmp(env, (d + 65536 < 131072) + 2 * ((char *)REG(uc, RSP) != &here));
}

static int forever(int n)
{
	volatile char frame[1000];
	frame[n % 1000] = n;
	return forever(n + 1) + frame[5];
}

int main(void)
{
	static char alt[65536];
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
	sigaltstack(&ss, 0);
	handle(SIGSEGV, overflow, SA_ONSTACK);
	struct rlimit rl = {1 << 20, RLIM_INFINITY};
	getrlimit(RLIMIT_STACK, &rl);
	rl.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_STACK, &rl);
	for (volatile int i = 0; i < 2; i++) {
		int r = sigsetjmp(env, 1);
		if (!r)
			forever(0);
		printf("caught %d\n", r);
	}
	printf("SEGV_MAPERR %d\n", codes);
}
