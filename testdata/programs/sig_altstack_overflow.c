// Stack overflow is caught on the alternate stack; overflow of that one too is fatal.
#include "prog.h"
#include <setjmp.h>
#include <sys/resource.h>

static sigjmp_buf out;
static char stack[32768];
static volatile int caught;

static void handler(int sig, siginfo_t *si, void *uc)
{
	caught++;
	siglongjmp(out, 1);
}

static long recurse(long n)
{
	volatile char room[2000];
	room[n % 2000] = n;
	return recurse(n + 1) + room[5];
}

static void again(int sig, siginfo_t *si, void *uc)
{
	recurse(0);
}

int main(void)
{
	int st;
	setrlimit(RLIMIT_STACK, &(struct rlimit){1 << 20, RLIM_INFINITY});
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
	sigaltstack(&ss, 0);
	handle(SIGSEGV, handler, SA_ONSTACK);
	for (int i = 0; i < 5; i++)
		if (!sigsetjmp(out, 1))
			recurse(0);
	printf("caught %d\n", caught);
	fflush(stdout);
	if (!must(fork(), "fork")) {
		handle(SIGSEGV, again, SA_ONSTACK);
		char *p = pages(2, PROT_READ | PROT_WRITE);
		mprotect(p, PAGE, PROT_NONE);
		ss.ss_sp = p + PAGE, ss.ss_size = PAGE;
		sigaltstack(&ss, 0);
		recurse(0);
	}
	wait(&st);
	printf("signal %d\n", WTERMSIG(st));
}
