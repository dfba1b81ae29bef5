// setjmp and longjmp out of many frames, with signal masks, and ucontext
// switching.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static jmp_buf buf;
static sigjmp_buf sigbuf;
static ucontext_t back, co[4];
static long values[4];

static void down(int n, int result)
{
	volatile char room[64];
	room[n % 64] = n;
	if (n == 0)
		longjmp(buf, result);
	down(n - 1, result);
	room[0] = room[1];
}

static void on(int sig)
{
	siglongjmp(sigbuf, sig);
}

static void body(int id)
{
	for (int i = 0; i < 5000; i++) {
		values[id] = values[id] * 3 + i;
		swapcontext(&co[id], &co[(id + 1) % 4]);
	}
}

int main(void)
{
	volatile int sum = 0, signals = 0;
	for (volatile int i = 1; i < 3000; i++) {
		int r = setjmp(buf);
		if (r == 0)
			down(i % 100, i);
		sum += r;
	}
	signal(SIGUSR1, on);
	for (volatile int i = 0; i < 500; i++) {
		if (sigsetjmp(sigbuf, 1) == 0)
			raise(SIGUSR1);
		else
			signals++;
	}
	for (int i = 0; i < 4; i++) {
		getcontext(&co[i]);
		co[i].uc_stack.ss_sp = malloc(65536);
		co[i].uc_stack.ss_size = 65536;
		co[i].uc_link = &back;
		makecontext(&co[i], (void (*)(void))body, 1, i);
	}
	swapcontext(&back, &co[0]);
	printf("%d %d %ld %ld %ld %ld\n", sum, signals, values[0], values[1], values[2], values[3]);
	return 0;
}
