// flags: -lm
// SIGFPE: integer division and overflow, masked and unmasked floating-point exceptions of SSE and x87.
#include "prog.h"
#include <fenv.h>
#include <setjmp.h>

static sigjmp_buf out;
static volatile int code;

static void handler(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code;
	siglongjmp(out, 1);
}

// The kernel gives handlers a fresh FPU, so each case enables its own.
#define TRY(what, enabled, action) \
	do { \
		code = -1; \
		feclearexcept(FE_ALL_EXCEPT); \
		fedisableexcept(FE_ALL_EXCEPT); \
		feenableexcept(enabled); \
		if (!sigsetjmp(out, 1)) \
			action; \
		printf("%s: %d\n", what, code); \
	} while (0)

int main(void)
{
	handle(SIGFPE, handler, 0);
	volatile int zero = 0, minus = -1, least = -2147483647 - 1;
	volatile long r;
	volatile double d0 = 0, d1 = 1, big = 1e308, tiny = 1e-308, dr;
	volatile long double x0 = 0, x1 = 1, xr;
	TRY("division by zero", 0, r = 7 / zero);
	TRY("remainder by zero", 0, r = 7 % zero);
	TRY("quotient too large", 0, r = least / minus);
	TRY("masked", 0, dr = d1 / d0);
	TRY("divide", FE_DIVBYZERO, dr = d1 / d0);
	TRY("invalid", FE_INVALID, dr = d0 / d0);
	TRY("overflow", FE_OVERFLOW, dr = big * big);
	TRY("underflow", FE_UNDERFLOW, dr = tiny * tiny);
	TRY("inexact", FE_INEXACT, dr = d1 / 3);
	TRY("x87 divide", FE_DIVBYZERO, (xr = x1 / x0, xr += 1));
	TRY("x87 invalid", FE_INVALID, (xr = x0 / x0, xr += 1));
	TRY("another one", FE_INVALID, dr = d1 / 3);
}
