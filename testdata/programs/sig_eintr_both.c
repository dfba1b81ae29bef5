// Two signals come at once while a call waits that never restarts: one has a handler, the other is ignored by default.
#include "prog.h"
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>

static volatile sig_atomic_t handled;

static void handler(int sig)
{
	handled++;
}

// sleeps waits until a process sleeps.
static void sleeps(pid_t pid)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	do {
		usleep(200);
		int fd = must(open(path, O_RDONLY), "open");
		line[read(fd, line, sizeof line - 1)] = 0;
		close(fd);
	} while (strrchr(line, ')')[2] != 'S');
}

enum { rounds = 30 };

// send signals the parent in each round; ready tells when it is about to wait.
static void send(int ready, int first, int second)
{
	pid_t parent = getppid();
	char c;
	for (int i = 0; i < 3 * rounds && read(ready, &c, 1) == 1; i++) {
		sleeps(parent);
		kill(parent, first);
		kill(parent, second);
	}
	_exit(0);
}

static void each(int first, int second, const char *what)
{
	int p[2], ep = epoll_create1(0), id = semget(IPC_PRIVATE, 1, 0600), eintr = 0;
	struct epoll_event ev;
	sigset_t usr2;
	sigemptyset(&usr2), sigaddset(&usr2, SIGUSR2);
	must(pipe(p), "pipe");
	pid_t child = must(fork(), "fork");
	if (!child)
		send(p[0], first, second);
	handled = 0;
	for (int i = 0; i < rounds; i++) {
		write(p[1], "", 1);
		eintr += semop(id, &(struct sembuf){0, -1, 0}, 1) == -1 && errno == EINTR;
		write(p[1], "", 1);
		eintr += epoll_wait(ep, &ev, 1, -1) == -1 && errno == EINTR;
		write(p[1], "", 1);
		eintr += sigtimedwait(&usr2, 0, &(struct timespec){100, 0}) == -1 && errno == EINTR;
	}
	must(waitpid(child, 0, 0), "waitpid");
	semctl(id, 0, IPC_RMID);
	printf("%s: %d handled, %d interrupted\n", what, (int)handled, eintr);
}

int main(void)
{
	struct sigaction sa = {.sa_handler = handler};
	sigaction(SIGUSR1, &sa, 0);
	each(SIGUSR1, SIGCHLD, "the handler's first");
	each(SIGCHLD, SIGUSR1, "the ignored one first");
}
