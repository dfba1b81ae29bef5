// flags: -O1 -Wno-infinite-recursion
// setjmp and longjmp over many frames, as a generator loop, with volatile state.
#include "prog.h"
#include <setjmp.h>

static jmp_buf env;
static int depth(int n)
{
	if (n == 0)
		longjmp(env, 7);
	return depth(n - 1) + 1;
}

int main(void)
{
	volatile int rounds = 0;
	int r = setjmp(env);
	if (r == 0 || rounds < 500) {
		rounds++;
		depth(rounds % 100);
	}
	printf("%d %d\n", r, rounds);
	volatile double x = 1.5;
	if (!_setjmp(env)) {
		x = x * 2;
		longjmp(env, 0);
	}
	printf("%g\n", x);
}
