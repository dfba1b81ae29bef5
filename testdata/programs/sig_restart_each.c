// Calls that SA_RESTART restarts: read, write, wait, recv, flock, sem_wait, open of a FIFO.
#include "prog.h"
#include <poll.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

static pid_t helper;
static volatile int handled;
static int go[2];

static void handler(int sig, siginfo_t *si, void *uc)
{
	// After the third interruption the helper makes the call succeed.
	if (++handled == 3)
		write(go[1], "g", 1);
}

// interrupted starts a child that sends three signals while this process
// sleeps, then waits for the word to go on.
static void interrupted(void)
{
	pid_t parent = getpid();
	char path[64], line[512], c;
	handled = 0;
	helper = must(fork(), "fork");
	if (helper)
		return;
	snprintf(path, sizeof path, "/proc/%d/stat", parent);
	for (int i = 0; i < 3; i++) {
		do {
			usleep(1000);
			int fd = open(path, O_RDONLY);
			line[read(fd, line, sizeof line - 1)] = 0;
			close(fd);
		} while (strrchr(line, ')')[2] != 'S');
		kill(parent, SIGUSR1);
	}
	read(go[0], &c, 1);
}

static void done(const char *what, long r)
{
	int st;
	result(what, r);
	printf("  handled %d\n", handled);
	waitpid(helper, &st, 0);
}

int main(void)
{
	int p[2], s[2];
	char c, name[] = "/tmp/programXXXXXX";
	handle(SIGUSR1, handler, SA_RESTART);
	must(pipe(go), "pipe"), must(pipe(p), "pipe"), must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	interrupted();
	if (!helper)
		_exit(write(p[1], "x", 1));
	done("read", read(p[0], &c, 1));

	fcntl(p[1], F_SETFL, O_NONBLOCK);
	while (write(p[1], name, 1) > 0)
		;
	fcntl(p[1], F_SETFL, 0);
	interrupted();
	if (!helper) {
		char buf[65536];
		_exit(read(p[0], buf, sizeof buf));
	}
	done("write", write(p[1], "y", 1));

	interrupted();
	if (!helper)
		_exit(write(s[1], "x", 1));
	done("recv", recv(s[0], &c, 1, 0));

	interrupted();
	if (!helper)
		_exit(3);
	done("waitpid", waitpid(helper, 0, 0) == helper);

	int fd = must(mkstemp(name), "mkstemp"), fd2 = must(open(name, O_RDWR), "open");
	flock(fd2, LOCK_EX);
	interrupted();
	if (!helper)
		_exit(flock(fd2, LOCK_UN));
	done("flock", flock(fd, LOCK_EX));
	unlink(name);

	must(mkfifo(name, 0600), "mkfifo");
	interrupted();
	if (!helper)
		_exit(open(name, O_WRONLY) < 0);
	done("open", open(name, O_RDONLY) > 0);
	unlink(name);

	sem_t *sem = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sem_init(sem, 1, 0);
	interrupted();
	if (!helper)
		_exit(sem_post(sem));
	done("sem_wait", sem_wait(sem));
}
