// How children end, as their parent sees it: exit codes and fatal signals of all kinds.
#include "prog.h"
#include <sys/resource.h>

static void show(int st)
{
	if (WIFEXITED(st))
		printf("exit %d\n", WEXITSTATUS(st));
	else
		printf("signal %d core %d\n", WTERMSIG(st), WCOREDUMP(st) != 0);
}

int main(void)
{
	static const int codes[] = {0, 1, 127, 128, 255, 256 + 7, -1};
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1,
		SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGSYS, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT};
	struct rlimit none = {0, 0};
	int st;
	setrlimit(RLIMIT_CORE, &none);
	for (int i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (!fork())
			_exit(codes[i]);
		wait(&st), show(st);
	}
	for (int i = 0; i < sizeof signals / sizeof *signals; i++) {
		if (!fork()) {
			kill(getpid(), signals[i]);
			_exit(1);
		}
		wait(&st), show(st);
	}
	if (!fork())
		*(volatile int *)0 = 1;
	wait(&st), show(st);
	if (!fork())
		__builtin_trap();
	wait(&st), show(st);
	if (!fork()) {
		volatile int zero = 0;
		_exit(7 / zero);
	}
	wait(&st), show(st);
	if (!fork())
		raise(SIGRTMIN + 3);
	wait(&st), show(st);
}
