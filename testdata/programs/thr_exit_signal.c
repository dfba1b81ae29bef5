// Signals to a process in which only threads that are about to end take them: each is handled.
#include "stop.h"

static sigset_t usr;

static void handled(int sig, siginfo_t *si, void *uc) { count(0); }

static void *ends(void *arg)
{
	pthread_sigmask(SIG_UNBLOCK, &usr, 0);
	return (void *)syscall(SYS_exit, 0); // glibc would block all signals first
}

static void job(void)
{
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr, 0);
	handle(SIGUSR1, handled, 0);
	for (;;) {
		pthread_t a = start(ends, 1), b = start(ends, 2);
		join(a), join(b);
		count(1);
	}
}

int main(void)
{
	pid_t pid = child(job);
	await(1, 1);
	for (int n = 1; n <= 100; n++) {
		kill(pid, SIGUSR1);
		await(0, n);
	}
	check(seen[0] == 100, "all handled");
	printf("killed %d\n", killed(pid));
}
