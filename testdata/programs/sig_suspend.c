// sigsuspend swaps the mask, runs the handler, restores the mask.
#include "prog.h"

static volatile int got;
static int usr2_blocked;
static void handler(int sig, siginfo_t *si, void *uc)
{
	sigset_t now;
	sigprocmask(SIG_BLOCK, 0, &now);
	usr2_blocked = sigismember(&now, SIGUSR2);
	got = sig;
}

int main(void)
{
	sigset_t block, wait, now;
	handle(SIGUSR1, handler, 0);
	handle(SIGALRM, handler, 0);
	sigemptyset(&block), sigaddset(&block, SIGUSR1), sigaddset(&block, SIGALRM);
	sigprocmask(SIG_BLOCK, &block, 0);
	raise(SIGUSR1);
	sigemptyset(&wait), sigaddset(&wait, SIGUSR2);
	printf("before %d\n", got);
	result("sigsuspend pending", sigsuspend(&wait));
	printf("got %d, mask inside %d\n", got, usr2_blocked);
	sigprocmask(SIG_BLOCK, 0, &now);
	printf("mask after %d %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
	ualarm(5000, 0);
	result("sigsuspend waiting", sigsuspend(&wait));
	printf("got %d\n", got);
	pid_t pid = fork();
	if (!pid) {
		usleep(5000);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	result("sigsuspend from outside", sigsuspend(&wait));
	printf("got %d\n", got);
	while (waitpid(pid, 0, 0) < 0)
		;
}
