// Another process sends signals as fast as it can while this one computes: the result is right.
#include "prog.h"

static volatile long n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	n++;
}

int main(void)
{
	handle(SIGUSR1, handler, 0);
	pid_t parent = getpid(), pid = must(fork(), "fork");
	if (!pid) {
		signal(SIGUSR1, SIG_DFL);
		for (int i = 0; i < 2000; i++)
			kill(parent, SIGUSR1);
		_exit(0);
	}
	double d = 1;
	uint64_t h = 1;
	int st;
	while (waitpid(pid, &st, WNOHANG) != pid)
		for (int i = 0; i < 1000; i++)
			h = (h * 6364136223846793005u + 1) | (d *= 1.0000001) == 0;
	check(n > 0, "some arrived");
	h = 7, d = 1;
	for (int i = 0; i < 100000; i++)
		h = h * 6364136223846793005u + 1, d = d * 1.0000001 + 1e-9;
	printf("%016lx %.12f\n", h, d);
}
