// One epoll instance served by several threads: one-shot events go to one of them each.
#include "thread.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { FDS = 8, ROUNDS = 30 };
static int ep, fds[FDS], quit;
static int handled[FDS];

static void *serve(void *arg)
{
	struct epoll_event e;
	for (;;) {
		if (epoll_wait(ep, &e, 1, -1) != 1)
			continue;
		int i = e.data.u32;
		if (i == FDS)
			return 0;
		eventfd_t v;
		eventfd_read(fds[i], &v);
		__atomic_fetch_add(&handled[i], v, __ATOMIC_RELEASE);
		e = (struct epoll_event){EPOLLIN | EPOLLONESHOT, {.u32 = i}};
		epoll_ctl(ep, EPOLL_CTL_MOD, fds[i], &e);
	}
}

int main(void)
{
	pthread_t t[4];
	ep = must(epoll_create1(0), "epoll_create1");
	for (int i = 0; i < FDS; i++) {
		fds[i] = must(eventfd(0, 0), "eventfd");
		struct epoll_event e = {EPOLLIN | EPOLLONESHOT, {.u32 = i}};
		must(epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e), "epoll_ctl");
	}
	quit = must(eventfd(0, 0), "eventfd");
	struct epoll_event e = {EPOLLIN, {.u32 = FDS}};
	must(epoll_ctl(ep, EPOLL_CTL_ADD, quit, &e), "epoll_ctl");
	for (int i = 0; i < 4; i++)
		t[i] = start(serve, i);
	for (int r = 0; r < ROUNDS; r++)
		for (int i = 0; i < FDS; i++)
			eventfd_write(fds[i], 1);
	for (int i = 0; i < FDS; i++)
		until(&handled[i], ROUNDS);
	eventfd_write(quit, 1);
	for (int i = 0; i < 4; i++)
		join(t[i]);
	for (int i = 0; i < FDS; i++)
		printf("%d ", handled[i]);
	puts("");
}
