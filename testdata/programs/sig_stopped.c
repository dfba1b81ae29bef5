// The program itself is stopped and continued by its child, while it sleeps and while it computes.
#include "prog.h"

static volatile int conts;
static void cont(int sig, siginfo_t *si, void *uc) { conts++; }

int main(void)
{
	handle(SIGCONT, cont, 0);
	pid_t me = getpid(), pid = fork();
	if (!pid) {
		for (int i = 0; i < 4; i++) {
			usleep(10000);
			kill(me, SIGSTOP);
			usleep(10000);
			kill(me, SIGCONT);
		}
		_exit(0);
	}
	while (conts < 2)
		usleep(1000);
	while (conts < 4)
		;
	while (waitpid(pid, 0, 0) < 0)
		;
	puts("stopped and continued");
}
