// A timer that expires faster than its handler runs: the program goes on all the same.
#include "prog.h"
#include <time.h>

static volatile int count;
static timer_t timer;

static void expired(int sig, siginfo_t *si, void *uc)
{
	struct itimerspec off = {0};
	if (++count == 300)
		timer_settime(timer, 0, &off, 0);
}

int main(void)
{
	int *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		*shared = 1;
		_exit(0);
	}
	must(waitpid(pid, 0, 0), "waitpid");
	handle(SIGRTMIN, expired, SA_RESTART);
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	must(timer_create(CLOCK_REALTIME, &ev, &timer), "timer_create");
	struct itimerspec fast = {.it_interval.tv_nsec = 1000, .it_value.tv_nsec = 1000};
	must(timer_settime(timer, 0, &fast, 0), "timer_settime");
	int p[2];
	must(pipe(p), "pipe");
	while (count < 300) {
		char *m = pages(1, PROT_READ | PROT_WRITE);
		m[0] = 1;
		munmap(m, PAGE);
		write(p[1], "x", 1);
		read(p[0], &m, 1);
	}
	check(count >= 300, "the handler runs until it stops the timer");
	check(*shared == 1, "memory is shared");
	return 0;
}
