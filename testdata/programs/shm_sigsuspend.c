// Signals that sigsuspend lets in, in a process that shares memory with its child.
#include "prog.h"

static volatile int got;

static void handler(int sig, siginfo_t *si, void *uc)
{
	got = sig;
}

int main(void)
{
	sigset_t blocked, none;
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGQUIT);
	sigaddset(&blocked, SIGCHLD);
	handle(SIGQUIT, handler, 0);
	handle(SIGCHLD, handler, 0);
	sigprocmask(SIG_BLOCK, &blocked, 0);
	volatile int *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*shared = 1;
	if (!fork()) {
		usleep(50000);
		kill(getppid(), SIGQUIT);
		usleep(50000);
		_exit(3);
	}
	sigsuspend(&none);
	printf("quit %d\n", got == SIGQUIT);
	sigsuspend(&none);
	printf("child %d shared %d\n", got == SIGCHLD, *shared);
}
