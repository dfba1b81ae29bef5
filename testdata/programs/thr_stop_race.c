// SIGSTOP and SIGCONT in quick succession, with nobody waiting between them: the process goes on in the end.
#include "stop.h"

static void *runs(void *arg)
{
	for (;;) {
		count((long)arg);
		if (arg)
			usleep(30);
	}
}

static void job(void)
{
	start(runs, 1), start(runs, 2);
	runs(0);
}

int main(void)
{
	pid_t pid = child(job);
	for (int n = 0; n < 100; n++) {
		kill(pid, n % 3 ? SIGSTOP : SIGTSTP);
		if (n % 4 == 0)
			usleep(n * 5);
		kill(pid, SIGCONT);
		if (n % 10 == 0)
			for (int i = 0; i < 3; i++)
				await(i, seen[i] + 1);
	}
	for (int i = 0; i < 3; i++)
		await(i, seen[i] + 1);
	puts("it goes on");
	printf("killed %d\n", killed(pid));
}
