// Signals that come while new code is executed for the first time do not wait until the program makes a call
#include "prog.h"
#include <sys/time.h>

static volatile sig_atomic_t got;
static void handler(int sig, siginfo_t *si, void *uc) { got++; }

// Code that is new in each round: a function of its own on a page of its own.
static void fresh(char *at, int round)
{
	unsigned char code[] = {0x89, 0xf8, 0x05, 0, 0, 0, 0, 0xc3}; // mov eax, edi; add eax, round; ret
	memcpy(code + 3, &round, 4);
	for (int i = 0; i < 64; i++)
		memcpy(at + 64 * i, code, sizeof code);
}

int main(void)
{
	char *p = pages(64, PROT_READ | PROT_WRITE | PROT_EXEC);
	int sum = 0;
	handle(SIGALRM, handler, 0);
	for (int i = 0; i < 64; i++)
		fresh(p + PAGE * i, i);
	for (int round = 0; round < 16; round++) {
		struct itimerval soon = {{0, 0}, {0, 300 + 100 * round}};
		setitimer(ITIMER_REAL, &soon, 0);
		for (int i = 0; i < 256; i++)
			sum += ((int (*)(int))(p + PAGE * (i / 64 + 4 * round) + 64 * (i % 64)))(1);
		while (got <= round)
			;
	}
	printf("%d signals, sum %d\n", got, sum);
}
