// pthread_exit from main: the process lives until its last thread ends, with status 0.
#include "thread.h"

static pthread_t leader;

static void *last(void *arg)
{
	long r = join(leader);
	printf("main returned %ld\n", r);
	while (state(getpid()) == 'R')
		usleep(200);
	printf("leader is %c\n", state(getpid()));
	return 0;
}

static void done(void)
{
	puts("atexit");
}

int main(void)
{
	leader = pthread_self();
	atexit(done);
	start(last, 0);
	pthread_exit((void *)77);
}
