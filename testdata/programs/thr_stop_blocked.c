// A process whose threads are all in system calls is stopped and continued: the calls go on.
#include "stop.h"
#include <poll.h>
#include <sys/epoll.h>

static int in[2], hup[2], tids[5], word;

static void *reads(void *arg)
{
	char c;
	tids[0] = gettid();
	return (void *)(long)(read(in[0], &c, 1) == 1);
}

static void *waits(void *arg)
{
	tids[1] = gettid();
	// Continued, it may begin to wait again when the word has changed.
	return (void *)(long)(futex(&word, FUTEX_WAIT, 0, 0, 0, 0) == 0 || errno == EAGAIN);
}

static void *polls(void *arg)
{
	struct pollfd p = {hup[0], 0};
	tids[2] = gettid();
	return (void *)(long)(poll(&p, 1, -1) == 1);
}

static void *sleeps(void *arg)
{
	struct timespec t = {0, 40000000};
	tids[3] = gettid();
	return (void *)(long)(nanosleep(&t, 0) == 0);
}

static void *epolls(void *arg)
{
	struct epoll_event ev = {0};
	int e = epoll_create1(0), r;
	epoll_ctl(e, EPOLL_CTL_ADD, hup[0], &ev);
	tids[4] = gettid();
	while ((r = epoll_wait(e, &ev, 1, -1)) < 0 && errno == EINTR)
		;
	return (void *)(long)(r == 1);
}

static void *(*const calls[])(void *) = {reads, waits, polls, sleeps, epolls};

static void job(void)
{
	pthread_t t[5];
	close(in[1]), close(hup[1]);
	for (int i = 0; i < 5; i++)
		t[i] = start(calls[i], i);
	for (int i = 0; i < 5; i++)
		if (i != 3)
			blocked(&tids[i]);
	count(0);
	join(t[0]); // the parent has written
	word = 1;
	futex(&word, FUTEX_WAKE, 1, 0, 0, 0);
	int ok = 1;
	for (int i = 1; i < 5; i++)
		ok += join(t[i]);
	_exit(10 + ok);
}

int main(void)
{
	must(pipe(in), "pipe");
	must(pipe(hup), "pipe");
	pid_t pid = child(job);
	close(hup[0]);
	await(0, 1);
	for (int i = 0; i < 3; i++) {
		printf("stopped %d\n", stop(pid) == SIGSTOP);
		printf("continued %d\n", cont(pid));
	}
	close(hup[1]);
	write(in[1], "a", 1);
	printf("status %d\n", status(pid));
}
