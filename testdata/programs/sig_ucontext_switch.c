// A handler that switches to another context by changing the whole saved one.
#include "prog.h"

static ucontext_t saved;
static volatile int phase;
static char stack[65536] __attribute__((aligned(16)));

static void elsewhere(void)
{
	printf("elsewhere, on the other stack %d\n", (char *)__builtin_frame_address(0) >= stack && (char *)__builtin_frame_address(0) < stack + sizeof stack);
	phase = 2;
	raise(SIGUSR2);
	puts("never");
}

static void away(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	saved = *u;
	REG(u, RIP) = (long)elsewhere;
	REG(u, RSP) = (long)(stack + sizeof stack - 8);
}

static void back(int sig, siginfo_t *si, void *uc)
{
	// All general registers; the vector state stays.
	memcpy(((ucontext_t *)uc)->uc_mcontext.gregs, saved.uc_mcontext.gregs, sizeof(gregset_t));
}

int main(void)
{
	handle(SIGUSR1, away, 0);
	handle(SIGUSR2, back, 0);
	for (int i = 0; i < 3; i++) {
		phase = 1;
		raise(SIGUSR1);
		printf("back in phase %d\n", phase);
	}
}
