// Children that are killed, by SIGKILL, when execve has replaced their program and before the new one runs.
#include "prog.h"

static char large[40 << 20]; // takes a recorder a while to store

int main(int argc, char **argv)
{
	int killed = 0, st;
	if (argc > 1) {
		memset(large, 1, PAGE);
		for (;;)
			pause();
	}
	for (int i = 0; i < 20; i++) {
		int replaced[2];
		char c;
		must(pipe2(replaced, O_CLOEXEC), "pipe2");
		pid_t pid = must(fork(), "fork");
		if (pid == 0) {
			execl("/proc/self/exe", "self", "wait", (char *)0);
			_exit(1);
		}
		close(replaced[1]);
		must(read(replaced[0], &c, 1), "read");
		for (volatile int spin = 0; spin < i * 50000; spin++)
			;
		must(kill(pid, SIGKILL), "kill");
		must(waitpid(pid, &st, 0), "waitpid");
		killed += WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL;
		close(replaced[0]);
	}
	printf("killed: %d\n", killed);
}
