// Calls that a handler always interrupts, SA_RESTART or not: poll, select, epoll, sleeps, sigwait, semop, timed waits.
#include "prog.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <time.h>

static void handler(int sig, siginfo_t *si, void *uc)
{
}

static pid_t helper;

// arm starts a child that signals this process once it sleeps.
static void arm(void)
{
	pid_t parent = getpid();
	char path[64], line[512];
	helper = must(fork(), "fork");
	if (helper)
		return;
	snprintf(path, sizeof path, "/proc/%d/stat", parent);
	do {
		usleep(1000);
		int fd = open(path, O_RDONLY);
		line[read(fd, line, sizeof line - 1)] = 0;
		close(fd);
	} while (strrchr(line, ')')[2] != 'S');
	kill(parent, SIGUSR1);
	_exit(0);
}

#define TRY(what, call) \
	do { \
		arm(); \
		result(what, call); \
		waitpid(helper, 0, 0); \
	} while (0)

int main(void)
{
	int p[2], s[2], ep = epoll_create1(0);
	char buf[16];
	sigset_t none, usr2;
	struct timespec t = {100, 0}, rest;
	sigemptyset(&none), sigemptyset(&usr2), sigaddset(&usr2, SIGUSR2);
	must(pipe(p), "pipe"), must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	struct pollfd pfd = {p[0], POLLIN};
	struct epoll_event ev;
	fd_set set;
	FD_ZERO(&set);
	FD_SET(p[0], &set);
	handle(SIGUSR1, handler, SA_RESTART);
	TRY("poll", poll(&pfd, 1, -1));
	TRY("ppoll", ppoll(&pfd, 1, &t, &none));
	TRY("select", select(p[0] + 1, &set, 0, 0, 0));
	TRY("pselect", pselect(p[0] + 1, &set, 0, 0, &t, &none));
	TRY("epoll_wait", epoll_wait(ep, &ev, 1, -1));
	TRY("epoll_pwait", epoll_pwait(ep, &ev, 1, 100000, &none));
	TRY("nanosleep", nanosleep(&t, &rest));
	check(rest.tv_sec > 50, "rest");
	TRY("clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &rest) == EINTR);
	TRY("pause", pause());
	TRY("sigsuspend", sigsuspend(&none));
	TRY("sigtimedwait", sigtimedwait(&usr2, 0, &t));
	int q = msgget(IPC_PRIVATE, 0600), id = semget(IPC_PRIVATE, 1, 0600);
	TRY("msgrcv", msgrcv(q, buf, 8, 0, 0));
	TRY("semop", semop(id, &(struct sembuf){0, -1, 0}, 1));
	msgctl(q, IPC_RMID, 0), semctl(id, 0, IPC_RMID);
	struct timeval tv = {100, 0};
	setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	TRY("recv with a timeout", recv(s[0], buf, 1, 0));
}
