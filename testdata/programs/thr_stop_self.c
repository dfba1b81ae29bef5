// Threads stop their own process: by raise, kill, and in a handler of SIGTSTP; SIGCONT has a handler too.
#include "stop.h"

static volatile int conts;

static void continued(int sig, siginfo_t *si, void *uc) { __atomic_fetch_add(&conts, 1, __ATOMIC_RELAXED); }

static void tstp(int sig, siginfo_t *si, void *uc)
{
	count(4);
	raise(SIGSTOP);
}

static void *runs(void *arg)
{
	for (;;) {
		count((long)arg);
		if ((long)arg == 2)
			usleep(50);
	}
}

// A stop signal removes a SIGCONT that nobody has taken yet (signal(7)).
static void after(int n)
{
	while (conts < n)
		usleep(100);
	count(3);
}

static void *raises(void *arg)
{
	raise(SIGSTOP);
	after(1);
	kill(getpid(), SIGTTOU);
	after(2);
	raise(SIGTSTP);
	after(3);
	_exit(20 + conts);
}

static void job(void)
{
	handle(SIGTSTP, tstp, 0);
	handle(SIGCONT, continued, SA_RESTART);
	start(runs, 1), start(runs, 2);
	while (!seen[1] || !seen[2])
		usleep(100);
	start(raises, 3);
	runs(0);
}

int main(void)
{
	pid_t pid = child(job);
	check(stopped(pid) == SIGSTOP, "raise");
	check(seen[3] == 0, "not past it");
	kill(pid, SIGCONT);
	check(stopped(pid) == SIGTTOU, "kill");
	kill(pid, SIGCONT);
	check(stopped(pid) == SIGSTOP, "in a handler");
	check(seen[4] == 1, "handled");
	kill(pid, SIGCONT);
	printf("status %d\n", status(pid));
}
