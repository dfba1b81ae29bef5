// Signals that come while a handler returns to a mask that blocks them are there for sigsuspend, sigtimedwait and sigpending
#include "prog.h"
#include <poll.h>
#include <time.h>

enum { ROUNDS = 300 };

static volatile sig_atomic_t first, second;
static void handler(int sig, siginfo_t *si, void *uc)
{
	if (sig == SIGUSR1)
		first++;
	else
		second++;
}

// pester sends a signal that interrupts a wait, and another at a moment that
// moves through the handler and its return. It waits for a byte each round.
static void pester(int from)
{
	char c;
	for (int i = 0; read(from, &c, 1) == 1; i++) {
		kill(getppid(), SIGUSR1);
		for (volatile int n = i % 50 * 500; n; n--)
			;
		kill(getppid(), SIGUSR2);
	}
	_exit(0);
}

int main(void)
{
	sigset_t block, none, usr2, old, now;
	int to[2];
	struct timespec long_time = {20, 0};
	handle(SIGUSR1, handler, 0);
	handle(SIGUSR2, handler, 0);
	sigemptyset(&none), sigemptyset(&block), sigemptyset(&usr2);
	sigaddset(&block, SIGUSR1), sigaddset(&block, SIGUSR2), sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &block, &old);
	must(pipe(to), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		close(to[1]);
		pester(to[0]);
	}
	for (int i = 0; i < ROUNDS; i++) {
		must(write(to[1], "", 1), "write");
		while (first <= i)
			sigsuspend(&none);
		switch (i % 3) {
		case 0:
			while (second <= i)
				sigsuspend(&none);
			break;
		case 1:
			if (second <= i && must(sigtimedwait(&usr2, 0, &long_time), "sigtimedwait"))
				second++;
			break;
		case 2:
			while (second <= i) {
				sigpending(&now);
				if (sigismember(&now, SIGUSR2))
					ppoll(0, 0, &long_time, &none);
			}
		}
	}
	close(to[1]);
	must(waitpid(pid, 0, 0), "waitpid");
	printf("%d and %d\n", first, second);
}
