// ptrace between a program and its child: works, or is refused clearly; the program finds out and goes on.
#include "prog.h"
#include <sys/ptrace.h>

int main(void)
{
	int st, p[2];
	must(pipe(p), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		char ok = ptrace(PTRACE_TRACEME, 0, 0, 0) == 0;
		write(p[1], &ok, 1);
		if (ok)
			raise(SIGSTOP);
		_exit(7);
	}
	char ok;
	read(p[0], &ok, 1);
	if (ok) {
		waitpid(pid, &st, 0);
		check(WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP, "stopped");
		errno = 0;
		static long word = 0x1234;
		check(ptrace(PTRACE_PEEKDATA, pid, &word, 0) == 0x1234, "peek");
		ptrace(PTRACE_POKEDATA, pid, &word, 0x5678);
		check(ptrace(PTRACE_PEEKDATA, pid, &word, 0) == 0x5678 && word == 0x1234, "poke");
		ptrace(PTRACE_CONT, pid, 0, 0);
	}
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
