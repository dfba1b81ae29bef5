// The main stack grows by deep recursion and by alloca, up to its limit.
#include "prog.h"
#include <alloca.h>
#include <setjmp.h>
#include <sys/resource.h>

static sigjmp_buf out;
static char alt[32768];
static volatile long reached;

static void handler(int sig, siginfo_t *si, void *uc)
{
	siglongjmp(out, 1);
}

static long recurse(long n)
{
	volatile char room[4000];
	room[0] = n;
	reached = n;
	return n ? recurse(n - 1) + room[0] : 0;
}

static long large(size_t n)
{
	volatile char *p = alloca(n);
	for (size_t i = n; i >= PAGE; i -= PAGE)
		p[i - 1] = 1;
	p[0] = 5;
	return p[0] + p[n - 1];
}

int main(void)
{
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
	sigaltstack(&ss, 0);
	handle(SIGSEGV, handler, SA_ONSTACK);
	setrlimit(RLIMIT_STACK, &(struct rlimit){4 << 20, RLIM_INFINITY});
	printf("%ld\n", recurse(500));
	printf("%ld\n", large(3 << 20));
	if (!sigsetjmp(out, 1))
		recurse(10000000), puts("never");
	puts("limit");
	setrlimit(RLIMIT_STACK, &(struct rlimit){7 << 20, RLIM_INFINITY});
	printf("%ld\n", large(6 << 20));
}
