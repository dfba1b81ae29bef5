// A fault whose signal is ignored or blocked kills the program all the same.
#include "prog.h"
#include <sys/resource.h>

static void handler(int sig, siginfo_t *si, void *uc)
{
	_exit(1);
}

static void try(const char *what, int way)
{
	int st;
	sigset_t set;
	fflush(stdout);
	if (!must(fork(), "fork")) {
		sigemptyset(&set);
		sigaddset(&set, SIGSEGV);
		if (way == 0)
			signal(SIGSEGV, SIG_IGN);
		if (way >= 1)
			sigprocmask(SIG_BLOCK, &set, 0);
		if (way == 2)
			handle(SIGSEGV, handler, 0);
		if (way == 3)
			kill(getpid(), SIGSEGV), _exit(5);
		*(volatile char *)1 = 1;
		_exit(2);
	}
	wait(&st);
	printf("%s: %s %d\n", what, WIFSIGNALED(st) ? "signal" : "exit", WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
}

int main(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	try("ignored", 0);
	try("blocked", 1);
	try("blocked with handler", 2);
	try("sent while blocked", 3);
	fflush(stdout);
	signal(SIGSEGV, SIG_IGN);
	*(volatile char *)1 = 1;
}
