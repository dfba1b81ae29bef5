// A thread waits in poll while another wakes up to look at the array: what it finds there is recorded.
#include "thread.h"
#include <poll.h>

static struct pollfd fds[2];
static int p[2];
static volatile int seen;

static void *waits(void *arg)
{
	char c;
	for (int i = 0; i < 200; i++) {
		fds[0].revents = fds[1].revents = POLLIN;
		if (poll(fds, 2, -1) != 2 || read(p[0], &c, 1) != 1)
			printf("poll\n");
	}
	return arg;
}

int main(void)
{
	must(pipe(p), "pipe");
	fds[0].fd = fds[1].fd = p[0];
	fds[0].events = fds[1].events = POLLIN;
	pthread_t t = start(waits, 0);
	for (unsigned i = 0; i < 200; i++) {
		usleep(300);
		for (int k = 0; k < 10; k++)
			for (int n = fds[k & 1].revents; n > 0; n--)
				seen++; // another number of branches
		write(p[1], "", 1);
	}
	join(t);
	printf("%d %d\n", fds[0].revents, fds[1].revents);
}
