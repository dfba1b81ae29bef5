// SIGCHLD with siginfo for exit, kill, stop and continue of a child.
#include "prog.h"

static volatile int code, status, n;
static void child(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code, status = si->si_status, n++;
}

static void next(sigset_t *wait, const char *what)
{
	static int seen;
	while (n == seen)
		sigsuspend(wait);
	seen = n;
	printf("%s: code %d status %d\n", what, code, status);
}

int main(void)
{
	sigset_t block, none;
	sigemptyset(&none), sigemptyset(&block), sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, 0);
	handle(SIGCHLD, child, 0);
	pid_t pid = fork();
	if (!pid)
		_exit(42);
	next(&none, "exit");
	waitpid(pid, 0, 0);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	next(&none, "stop");
	int st;
	waitpid(pid, &st, WUNTRACED);
	printf("stopped %d by %d\n", WIFSTOPPED(st), WSTOPSIG(st));
	kill(pid, SIGCONT);
	next(&none, "continue");
	kill(pid, SIGKILL);
	next(&none, "kill");
	waitpid(pid, &st, 0);
	printf("killed %d by %d\n", WIFSIGNALED(st), WTERMSIG(st));
}
