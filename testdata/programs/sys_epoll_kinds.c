// epoll: level, edge and one-shot; several events; nesting; closed descriptors; epoll_pwait2; errors.
#include "prog.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

static int ep;

static void show(const char *what)
{
	struct epoll_event e[8] = {0};
	int n = epoll_wait(ep, e, 8, 0);
	printf("%s: %d", what, n);
	for (int i = 0; i < n; i++)
		printf(" %lu:%x", (long)e[i].data.u64, e[i].events);
	puts("");
}

static int add(int fd, int events, uint64_t data)
{
	struct epoll_event e = {events, {.u64 = data}};
	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

int main(void)
{
	int p[2], q[2];
	char c;
	ep = must(epoll_create(1), "epoll_create");
	must(pipe(p), "pipe"), must(pipe(q), "pipe");
	result("add", add(p[0], EPOLLIN | EPOLLET, 1l << 40));
	result("again", add(p[0], EPOLLIN, 2));
	result("write end", add(p[1], EPOLLOUT | EPOLLONESHOT, 3));
	show("one-shot");
	show("quiet");
	write(p[1], "ab", 2);
	show("edge");
	read(p[0], &c, 1);
	show("no new edge");
	write(p[1], "c", 1);
	show("edge");
	int ev = eventfd(3, EFD_SEMAPHORE);
	add(ev, EPOLLIN, 4);
	for (int i = 0; i < 4; i++) {
		eventfd_t v;
		show("level");
		if (i < 3)
			eventfd_read(ev, &v);
	}
	add(q[0], EPOLLIN | EPOLLRDHUP, 5);
	close(q[1]);
	show("hung up");
	close(q[0]);
	show("closed");
	int inner = epoll_create1(0), outer = ep;
	ep = inner, add(ev, EPOLLIN, 6);
	ep = outer, add(inner, EPOLLIN, 7);
	eventfd_write(ev, 1);
	show("nested");
	result("itself", add(ep, EPOLLIN, 8));
	result("a file", add(tmpfile_fd("", 0), EPOLLIN, 9));
	result("not there", epoll_ctl(ep, EPOLL_CTL_DEL, 0, 0));
	struct epoll_event e;
	eventfd_t v;
	eventfd_read(ev, &v);
	result("epoll_pwait2", syscall(SYS_epoll_pwait2, ep, &e, 1, &(struct timespec){0, 100000}, 0, 8));
	result("no room", epoll_wait(ep, &e, 0, 0));
	result("not epoll", epoll_wait(1, &e, 1, 0));
}
