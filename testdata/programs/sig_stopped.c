// The program itself is stopped and continued by its child, while it sleeps and while it computes.
#include "prog.h"

static volatile int conts;
static void cont(int sig, siginfo_t *si, void *uc) { conts++; }

int main(void)
{
	int p[2];
	char c;
	must(pipe2(p, O_NONBLOCK), "pipe2");
	handle(SIGCONT, cont, 0);
	pid_t me = getpid(), pid = fork();
	if (!pid) {
		while (read(p[0], &c, 1) != 1) {
			kill(me, SIGSTOP);
			usleep(5000);
			kill(me, SIGCONT);
			usleep(5000);
		}
		_exit(0);
	}
	while (conts < 2)
		usleep(1000);
	while (conts < 4)
		;
	write(p[1], "", 1);
	while (waitpid(pid, 0, 0) < 0)
		;
	puts("stopped and continued");
}
