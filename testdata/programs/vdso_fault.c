// Wrong pointers for the functions of the vDSO, which run in the program itself.
#include "prog.h"
#include <setjmp.h>
#include <sys/time.h>
#include <time.h>

static sigjmp_buf back;
static char *stack;
static volatile uintptr_t wrong;

static void caught(int sig, siginfo_t *si, void *uc)
{
	char *sp = (char *)REG(uc, RSP);
	check(sig == SIGSEGV && (uintptr_t)si->si_addr - wrong < 16, "the fault is where the pointer leads");
	check(sp < stack && stack - sp < 4 * PAGE, "on the program's stack");
	check((char *)__builtin_frame_address(0) < sp, "the handler below it");
	siglongjmp(back, 1);
}

// refused reports whether a call faults; where the kernel makes it, it fails.
#define REFUSED(what, call) \
	if (!sigsetjmp(back, 1)) { \
		if ((call) == 0 || errno != EFAULT) \
			puts(what " is not refused"); \
		for (int i = 0; i < 3; i++) \
			check(1, "the kernel has made it"); \
	} else { \
		puts(what " faults"); \
	}

int main(void)
{
	char local;
	stack = &local;
	handle(SIGSEGV, caught, 0);
	char *readonly = pages(1, PROT_READ);
	struct timespec now;
	for (int i = 0; i < 3; i++) {
		wrong = 16;
		REFUSED("clock_gettime of 16", clock_gettime(CLOCK_MONOTONIC, (void *)wrong));
		check(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "the clock goes on");
		wrong = (uintptr_t)readonly;
		REFUSED("clock_gettime of what is read-only", clock_gettime(CLOCK_REALTIME, (void *)wrong));
		REFUSED("gettimeofday", gettimeofday((void *)wrong, 0));
	}
	handle(SIGSEGV, (void *)SIG_DFL, 0);
	fflush(stdout);
	struct timespec *none = (void *)wrong;
	return clock_gettime(CLOCK_MONOTONIC, none);
}
