// SIGCHLD: siginfo for each way to end, stops with and without SA_NOCLDSTOP, SA_NOCLDWAIT and SIG_IGN.
#include "prog.h"

static volatile int n, code, status;
static volatile pid_t pid;
static void handler(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code, status = si->si_status, pid = si->si_pid;
	n++;
}

static void await(int to)
{
	while (n < to)
		usleep(100);
}

int main(void)
{
	int st;
	handle(SIGCHLD, handler, 0);
	pid_t child = must(fork(), "fork");
	if (!child)
		for (;;)
			pause();
	kill(child, SIGSTOP), await(1);
	printf("stopped %d status %d pid %d\n", code == CLD_STOPPED, status == SIGSTOP, pid == child);
	kill(child, SIGCONT), await(2);
	printf("continued %d status %d\n", code == CLD_CONTINUED, status == SIGCONT);
	handle(SIGCHLD, handler, SA_NOCLDSTOP);
	kill(child, SIGSTOP);
	waitpid(child, &st, WUNTRACED);
	kill(child, SIGCONT);
	waitpid(child, &st, WCONTINUED);
	printf("no more: %d\n", n);
	kill(child, SIGTERM), await(3);
	printf("killed %d status %d\n", code == CLD_KILLED, status == SIGTERM);
	waitpid(child, &st, 0);
	if (!fork())
		_exit(17);
	await(4);
	printf("exited %d status %d\n", code == CLD_EXITED, status);
	wait(&st);
	handle(SIGCHLD, handler, SA_NOCLDWAIT);
	if (!fork())
		_exit(18);
	await(5);
	result("SA_NOCLDWAIT", wait(&st));
	signal(SIGCHLD, SIG_IGN);
	if (!fork())
		_exit(19);
	result("SIG_IGN", wait(&st));
	printf("handled %d\n", n);
}
