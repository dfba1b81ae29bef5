// A descriptor added to an epoll set while another thread waits on it.
#include "thread.h"
#include <sys/epoll.h>

static int ep;
static volatile int tid;

static void *waits(void *arg)
{
	struct epoll_event e = {0};
	tid = gettid();
	int n = epoll_wait(ep, &e, 1, -1);
	return (void *)(n * 100L + e.data.u32);
}

int main(void)
{
	int p[2];
	ep = must(epoll_create1(0), "epoll_create1");
	must(pipe(p), "pipe");
	pthread_t t = start(waits, 0);
	blocked(&tid);
	struct epoll_event e = {EPOLLIN, {.u32 = 7}};
	result("add", epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	result("write", write(p[1], "x", 1));
	printf("%ld\n", join(t));
	e.data.u32 = 8;
	result("modify", epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
	printf("%ld\n", join(start(waits, 0)));
}
