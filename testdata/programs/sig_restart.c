// SA_RESTART restarts read and wait; without it they end with EINTR.
#include "prog.h"
#include <sys/time.h>

static int p[2], count;
static void feed(int sig, siginfo_t *si, void *uc)
{
	if (++count == 3)
		write(p[1], "fed", 3);
}

static void every(int usec)
{
	struct itimerval it = {{0, usec}, {0, usec}};
	setitimer(ITIMER_REAL, &it, 0);
}

int main(void)
{
	char buf[8] = {0};
	must(pipe(p), "pipe");
	handle(SIGALRM, feed, SA_RESTART);
	every(5000);
	result("read restarted", read(p[0], buf, sizeof buf));
	every(0);
	printf("[%s] after 3 or more: %d\n", buf, count >= 3);
	handle(SIGALRM, feed, 0);
	count = 10;
	every(5000);
	result("read interrupted", read(p[0], buf, sizeof buf));
	every(0);
	pid_t pid = fork();
	if (!pid) {
		usleep(60000);
		_exit(7);
	}
	handle(SIGALRM, feed, SA_RESTART);
	every(10000);
	int st;
	check(waitpid(pid, &st, 0) == pid, "waitpid restarted");
	every(0);
	printf("status %d\n", WEXITSTATUS(st));
}
