// Stacks of threads: chosen sizes and places, deep recursion, a guard page at the end.
#include "thread.h"
#include <setjmp.h>

static __thread sigjmp_buf out;
static __thread char alt[16384];

static void overflow(int sig, siginfo_t *si, void *uc)
{
	siglongjmp(out, 1);
}

static long recurse(long n)
{
	volatile char room[512];
	memset((char *)room, n, sizeof room);
	return n ? recurse(n - 1) + room[100] - (char)n + 1 : 0;
}

static void *deep(void *arg)
{
	return (void *)recurse((long)arg);
}

static void *too_deep(void *arg)
{
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
	sigaltstack(&ss, 0);
	if (sigsetjmp(out, 1))
		return (void *)1;
	recurse(1L << 40);
	return 0;
}

static long run(size_t size, void *where, void *(*f)(void *), long arg)
{
	pthread_attr_t at;
	pthread_t t;
	pthread_attr_init(&at);
	if (where)
		pthread_attr_setstack(&at, where, size);
	else
		pthread_attr_setstacksize(&at, size);
	fine(pthread_create(&t, &at, f, (void *)arg), "pthread_create");
	return join(t);
}

int main(void)
{
	handle(SIGSEGV, overflow, SA_ONSTACK);
	printf("%ld\n", run(16 << 20, 0, deep, 20000));
	printf("%ld\n", run(65536, 0, deep, 50));
	printf("%ld\n", run(64 * PAGE, pages(64, PROT_READ | PROT_WRITE), deep, 300));
	for (int i = 0; i < 3; i++)
		printf("overflow caught %ld\n", run(128 << 10, 0, too_deep, 0));
}
