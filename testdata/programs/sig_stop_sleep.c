// A sleep that a stop and continue interrupts goes on for the rest; so does poll.
#include "prog.h"
#include <poll.h>
#include <time.h>

int main(void)
{
	int st;
	struct timespec t0, t1, t = {0, 60000000};
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		clock_gettime(CLOCK_MONOTONIC, &t0);
		int r = nanosleep(&t, 0), q = poll(0, 0, 60);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		long ms = (t1.tv_sec - t0.tv_sec) * 1000 + (t1.tv_nsec - t0.tv_nsec) / 1000000;
		_exit(r ? 1 : q ? 2 : ms < 119 ? 3 : 10);
	}
	for (int i = 0; i < 5; i++) {
		usleep(10000);
		kill(pid, SIGSTOP);
		if (waitpid(pid, &st, WUNTRACED) == pid && !WIFSTOPPED(st))
			break;
		kill(pid, SIGCONT);
	}
	if (WIFSTOPPED(st))
		waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
