// MAP_FIXED far from everything, where a recorder would have its own memory, while other threads wait in calls.
#include "thread.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define LENGTH (16ul << 20)
#define KINDS 6

static volatile int tids[KINDS];
static int word;
static int fds[KINDS][2];

static void *waits(void *arg)
{
	long kind = (long)arg;
	int fd = fds[kind][0];
	char a[8] = {0}, b[8] = {0};
	struct pollfd p = {fd, POLLIN, 0};
	struct epoll_event e = {EPOLLIN, {.u32 = 77}};
	struct iovec v[2] = {{a, 1}, {b, 4}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
	struct timespec t = {60, 0};
	int ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	__atomic_store_n(&tids[kind], (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
	long r = 0;
	switch (kind) {
	case 0:
		r = read(fd, a, 8);
		return (void *)(r * 100 + a[0]);
	case 1:
		r = poll(&p, 1, 60000);
		return (void *)(r * 100 + p.revents);
	case 2:
		memset(&e, 0, sizeof e);
		r = epoll_wait(ep, &e, 1, -1);
		return (void *)(r * 100 + e.data.u32);
	case 3:
		r = recvmsg(fd, &m, 0);
		return (void *)(r * 100 + a[0] + b[0]);
	case 4:
		r = futex(&word, FUTEX_WAIT, 0, 0, 0, 0);
		return (void *)(r * 100 + word);
	default:
		r = futex(&word, FUTEX_WAIT, 0, &t, 0, 0);
		return (void *)(r * 100 + word);
	}
}

int main(void)
{
	pthread_t t[KINDS];
	for (int i = 0; i < KINDS; i++) {
		must(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), "socketpair");
		t[i] = start(waits, i);
		blocked(&tids[i]);
	}
	int right = 0;
	for (int i = 0; i < 5; i++) {
		char *want = (char *)FAR + i * APART;
		char *p = mmap(want, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		right += p == want;
		if (i % 2)
			for (int k = 0; k < KINDS; k++)
				blocked(&tids[k]);
	}
	word = 9;
	futex(&word, FUTEX_WAKE, 100, 0, 0, 0);
	for (int i = 0; i < KINDS; i++) {
		must(write(fds[i][1], "\5\6", 2), "write");
		printf("%d: %ld\n", i, join(t[i]));
	}
	int touched = 0;
	for (unsigned long at = 0; at < LENGTH; at++)
		touched += ((char *)FAR)[at] != 0;
	printf("%d right, %d touched\n", right, touched);
}
