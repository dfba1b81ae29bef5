// SIGKILL while children ask for the time without a pause: wherever in that it
// comes, it is their end.
#include "prog.h"
#include <time.h>

int main(void)
{
	enum { N = 16 };
	volatile int *ready = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ready == MAP_FAILED)
		return 99;
	int killed = 0;
	for (int i = 0; i < N; i++) {
		pid_t pid = must(fork(), "fork");
		if (!pid) {
			struct timespec t;
			for (int n = 0;; n++) {
				clock_gettime(CLOCK_MONOTONIC, &t);
				if (n == 100)
					ready[i] = 1;
			}
		}
		while (!ready[i])
			usleep(100);
		must(kill(pid, SIGKILL), "kill");
		int status;
		must(waitpid(pid, &status, 0), "waitpid");
		killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	}
	check(killed == N, "all were killed");
	return 0;
}
