// Handlers nested eight deep, by signals of their own, unwinding in order.
#include "prog.h"

static char log[200];
static int n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	n += sprintf(log + n, "<%d", sig - SIGRTMIN);
	if (sig < SIGRTMIN + 7)
		raise(sig + 1);
	n += sprintf(log + n, ">");
}

int main(void)
{
	for (int s = SIGRTMIN; s < SIGRTMIN + 8; s++)
		handle(s, handler, 0);
	for (int i = 0; i < 3; i++) {
		n = 0;
		raise(SIGRTMIN);
		puts(log);
	}
}
