// signalfd read by a thread: signals to the process and those of its own, not those of others.
#include "thread.h"
#include <sys/signalfd.h>

static int fd;
static volatile int tid;

static void *reads(void *arg)
{
	struct signalfd_siginfo si;
	long got = 0;
	tid = gettid();
	for (int i = 0; i < 5; i++) {
		must(read(fd, &si, sizeof si), "read");
		got = got * 100 + si.ssi_signo;
	}
	return (void *)got;
}

int main(void)
{
	sigset_t set;
	sigemptyset(&set);
	for (int s = SIGRTMIN; s < SIGRTMIN + 5; s++)
		sigaddset(&set, s);
	pthread_sigmask(SIG_BLOCK, &set, 0);
	fd = must(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
	// One pending for main alone does not reach the thread's read.
	pthread_kill(pthread_self(), SIGRTMIN + 4);
	pthread_t t = start(reads, 0);
	for (int i = 0; i < 3; i++) {
		blocked(&tid);
		kill(getpid(), SIGRTMIN + i);
		usleep(2000);
	}
	blocked(&tid);
	pthread_kill(t, SIGRTMIN + 3);
	usleep(2000);
	blocked(&tid);
	kill(getpid(), SIGRTMIN);
	printf("%ld\n", join(t));
	struct signalfd_siginfo si;
	result("main's own", read(fd, &si, sizeof si));
	printf("%d %d\n", si.ssi_signo, si.ssi_code == SI_TKILL);
}
