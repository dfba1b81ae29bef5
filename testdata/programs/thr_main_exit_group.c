// The first thread is gone, and another one ends the process with a status.
#include "thread.h"

static pthread_t leader;

static void *last(void *arg)
{
	join(leader);
	check(getpid() != gettid(), "not the leader");
	fflush(stdout);
	exit(21);
}

int main(void)
{
	leader = pthread_self();
	start(last, 0);
	pthread_exit(0);
}
