// epoll: level and edge triggered, data words, removal.
#include "prog.h"
#include <sys/epoll.h>

int main(void)
{
	int p[2], q[2];
	char c;
	struct epoll_event ev[8], e = {.events = EPOLLIN, .data.u64 = 0x1122334455667788};
	must(pipe(p), "pipe"), must(pipe(q), "pipe");
	int ep = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	result("add", epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	e.events = EPOLLIN | EPOLLET, e.data.u64 = 42;
	result("add edge", epoll_ctl(ep, EPOLL_CTL_ADD, q[0], &e));
	result("add twice", epoll_ctl(ep, EPOLL_CTL_ADD, q[0], &e));
	result("wait empty", epoll_wait(ep, ev, 8, 0));
	write(p[1], "a", 1), write(q[1], "b", 1);
	int n = epoll_wait(ep, ev, 8, 100);
	result("wait", n);
	uint64_t sum = 0;
	for (int i = 0; i < n; i++)
		sum += ev[i].data.u64;
	printf("data %lx\n", (long)sum);
	result("wait again", epoll_pwait(ep, ev, 8, 100, 0));
	printf("only level %lx events %x\n", (long)ev[0].data.u64, ev[0].events);
	read(p[0], &c, 1);
	result("wait drained", epoll_wait(ep, ev, 8, 1));
	e.events = EPOLLIN | EPOLLONESHOT, e.data.u64 = 7;
	result("mod", epoll_ctl(ep, EPOLL_CTL_MOD, q[0], &e));
	result("wait oneshot", epoll_wait(ep, ev, 1, 0));
	result("wait oneshot", epoll_wait(ep, ev, 1, 0));
	result("del", epoll_ctl(ep, EPOLL_CTL_DEL, q[0], 0));
	close(p[1]);
	result("wait hang-up", epoll_wait(ep, ev, 8, -1));
	printf("events %x\n", ev[0].events);
	result("wait no room", epoll_wait(ep, ev, 0, 0));
}
