// kill, tgkill, raise to oneself arrive before they return; SIG_IGN drops them.
#include "prog.h"

static volatile int n;
static volatile int code;
static void count(int sig, siginfo_t *si, void *uc)
{
	n++;
	code = si->si_code;
}

int main(void)
{
	int late = 0;
	handle(SIGUSR1, count, 0);
	for (int i = 0; i < 500; i++) {
		kill(getpid(), SIGUSR1);
		late += n != 2 * i + 1;
		syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
		late += n != 2 * i + 2;
	}
	printf("%d signals, %d late, SI_TKILL %d\n", n, late, code == SI_TKILL);
	kill(getpid(), SIGUSR1);
	printf("SI_USER %d\n", code == SI_USER);
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	printf("%d\n", n);
	result("kill 0", kill(getpid(), 0));
	signal(SIGPIPE, SIG_IGN);
	int p[2];
	must(pipe(p), "pipe");
	close(p[0]);
	result("broken pipe", write(p[1], "x", 1));
}
