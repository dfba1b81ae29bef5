// A signal handler that changes the code in which it interrupted the program.
#include "jit.h"
#include <sys/time.h>

static unsigned char *p;
static volatile int n;

static void handler(int sig, siginfo_t *si, void *uc)
{
	n++;
	p[1] = 0x90; // the jump becomes two nops: the loop ends
	p[0] = 0x90;
}

int main(void)
{
	p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	handle(SIGALRM, handler, 0);
	for (int i = 0; i < 5; i++) {
		p[0] = 0xeb, p[1] = 0xfe; // jmp to itself
		constant(p + 2, i);
		struct itimerval it = {{0, 0}, {0, 3000}};
		setitimer(ITIMER_REAL, &it, 0);
		printf("%ld ", call(p, 100));
	}
	printf("signals %d\n", n);
}
