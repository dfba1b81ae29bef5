// Signals in the middle of string instructions on shared memory, which come to their end all the same.
#include "prog.h"
#include <sys/time.h>

enum { LEN = 1 << 20 };

static volatile int signals;
static void handler(int sig, siginfo_t *si, void *uc)
{
	signals++;
}

static void move(void *d, void *s)
{
	unsigned long n = LEN;
	asm volatile("rep movsb" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
	if (n)
		puts("not at its end");
}

int main(void)
{
	char *shared = mmap(0, LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *private = pages(LEN / PAGE, PROT_READ | PROT_WRITE), *back = pages(LEN / PAGE, PROT_READ | PROT_WRITE);
	pid_t child = must(fork(), "fork");
	if (child == 0)
		_exit(0);
	must(waitpid(child, 0, 0), "waitpid");
	handle(SIGALRM, handler, SA_RESTART);
	struct itimerval t = {{0, 1000}, {0, 1000}};
	must(setitimer(ITIMER_REAL, &t, 0), "setitimer");
	int wrong = 0;
	for (int i = 0; i < 20 || signals < 5; i++) {
		private[i % LEN] = i;
		move(shared, private);
		move(back, shared);
		wrong += memcmp(back, private, LEN) != 0;
	}
	memset(&t, 0, sizeof t);
	must(setitimer(ITIMER_REAL, &t, 0), "setitimer");
	printf("wrong %d\n", wrong);
}
