// Children that are killed as soon as they are: before, while and after they execute another program.
#include "prog.h"

enum { rounds = 60 };

static int killed(int sig, void (*child)(void), int delay)
{
	int n = 0, st;
	for (int i = 0; i < rounds; i++) {
		pid_t pid = must(fork(), "fork");
		if (pid == 0) {
			child();
			_exit(1);
		}
		for (volatile int spin = 0; spin < i * delay; spin++)
			;
		must(kill(pid, sig), "kill");
		must(waitpid(pid, &st, 0), "waitpid");
		n += WIFSIGNALED(st) && WTERMSIG(st) == sig;
	}
	return n;
}

static void waiting(void) { sleep(10); }

static void executing(void) { execl("/bin/sleep", "sleep", "10", (char *)0); }

int main(void)
{
	printf("waiting, at once: %d\n", killed(SIGTERM, waiting, 0));
	printf("waiting: %d\n", killed(SIGTERM, waiting, 2000));
	printf("executing, at once: %d\n", killed(SIGTERM, executing, 0));
	printf("executing: %d\n", killed(SIGTERM, executing, 20000));
	printf("executing, SIGKILL: %d\n", killed(SIGKILL, executing, 20000));
}
