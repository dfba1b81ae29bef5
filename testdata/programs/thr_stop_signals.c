// Signals to a stopped process with threads are handled when it is continued, not before.
#include "stop.h"

static void usr(int sig, siginfo_t *si, void *uc) { count(sig == SIGUSR1 ? 4 : 5); }

static void *runs(void *arg)
{
	long i = (long)arg;
	sigset_t none;
	sigemptyset(&none);
	seen[8 + i] = gettid();
	for (;;) {
		count(i);
		if (i == 1)
			usleep(50);
		if (i == 2)
			sigsuspend(&none);
	}
}

static void job(void)
{
	handle(SIGUSR1, usr, SA_RESTART);
	handle(SIGUSR2, usr, 0);
	start(runs, 1), start(runs, 2);
	runs(0);
}

// suspended waits until the child's thread sleeps.
static void suspended(pid_t pid, pid_t tid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, tid);
	for (;;) {
		char line[512] = {0}, *p;
		int fd = must(open(path, O_RDONLY), "open");
		read(fd, line, sizeof line - 1);
		close(fd);
		if ((p = strrchr(line, ')')) && p[2] == 'S')
			return;
		usleep(200);
	}
}

int main(void)
{
	pid_t pid = child(job);
	for (int i = 0; i < 3; i++)
		await(i, 1);
	for (int n = 0; n < 5; n++) {
		suspended(pid, seen[10]);
		long usr1 = seen[4], usr2 = seen[5], returns = seen[2];
		check(stop(pid) == SIGSTOP, "stopped");
		kill(pid, SIGUSR1);
		for (int i = 0; i < 3; i++)
			syscall(SYS_tgkill, pid, (pid_t)seen[8 + i], SIGUSR2);
		usleep(2000);
		check(seen[4] == usr1 && seen[5] == usr2, "not handled");
		check(cont(pid), "continued");
		await(4, usr1 + 1), await(5, usr2 + 3), await(2, returns + 1);
		check(seen[4] == usr1 + 1 && seen[5] == usr2 + 3, "handled");
	}
	printf("killed %d\n", killed(pid));
}
