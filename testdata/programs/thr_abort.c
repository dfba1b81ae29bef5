// abort in a thread: its handler runs there, then the process dies.
#include "thread.h"

static volatile int tid;

static void handler(int sig, siginfo_t *si, void *uc)
{
	check(gettid() == tid, "on the thread");
	fflush(stdout);
}

static void *aborts(void *arg)
{
	tid = gettid();
	abort();
}

int main(void)
{
	handle(SIGABRT, handler, 0);
	join(start(aborts, 0));
}
