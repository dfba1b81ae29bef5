// Handlers whose stack is shared memory, for signals that interrupt calls: read, sigsuspend, ppoll, a restart, a thread's read.
#include "thread.h"
#include <poll.h>

#define SIZE (64 * 1024)

static volatile int on, masked, then;
static char *stack;

static struct shared {
	volatile int handled, reader, fd;
} *shared;

static int mask_bits(const sigset_t *s)
{
	return sigismember(s, SIGUSR1) | sigismember(s, SIGUSR2) << 1 | sigismember(s, SIGALRM) << 2;
}

static void handler(int sig, siginfo_t *si, void *uc)
{
	sigset_t now;
	char here;
	pthread_sigmask(SIG_BLOCK, 0, &now);
	masked = mask_bits(&now);
	then = mask_bits(&((ucontext_t *)uc)->uc_sigmask);
	on = &here >= stack && &here < stack + SIZE;
	shared->handled++;
}

static void use_stack(char *p)
{
	stack_t ss = {.ss_sp = p, .ss_size = SIZE};
	stack = p;
	must(sigaltstack(&ss, 0), "sigaltstack");
}

static void say(const char *what, long r)
{
	const char *err = r < 0 ? strerrorname_np(errno) : "";
	printf("%s: %ld %s, handled %d, on the stack %d, masked %d, then %d\n", what, r, err, shared->handled, on, masked, then);
	on = 0;
}

static void await_sleep(pid_t pid)
{
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	for (;; usleep(200)) {
		int fd = must(open(path, O_RDONLY), "open");
		line[read(fd, line, sizeof line - 1)] = 0;
		close(fd);
		if (strrchr(line, ')')[2] == 'S')
			return;
	}
}

// sender signals its parent when that sleeps, and then ends its read.
static pid_t sender(int sig, int fd)
{
	pid_t parent = getpid(), pid = must(fork(), "fork");
	if (pid)
		return pid;
	int before = shared->handled;
	await_sleep(parent);
	kill(parent, sig);
	if (fd >= 0) {
		until(&shared->handled, before + 1);
		write(fd, "x", 1);
	}
	_exit(0);
}

static void *reads(void *mem)
{
	char c;
	use_stack(mem);
	shared->reader = gettid();
	say("thread", read(shared->fd, &c, 1));
	return 0;
}

int main(void)
{
	sigset_t some, none;
	char c;
	int p[2];
	char *mem = mmap(0, 3 * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(pipe(p), "pipe");
	shared = (struct shared *)(mem + 2 * SIZE);
	use_stack(mem);
	sigemptyset(&none);
	sigemptyset(&some);
	sigaddset(&some, SIGUSR2);
	sigaddset(&some, SIGALRM);
	handle(SIGUSR1, handler, SA_ONSTACK);
	handle(SIGUSR2, handler, SA_ONSTACK);

	pid_t pid = sender(SIGUSR1, -1);
	say("read", read(p[0], &c, 1));
	waitpid(pid, 0, 0);

	sigprocmask(SIG_BLOCK, &some, 0);
	pid = sender(SIGUSR2, -1);
	sigdelset(&some, SIGUSR2);
	sigaddset(&some, SIGUSR1);
	say("sigsuspend", sigsuspend(&some));
	waitpid(pid, 0, 0);
	sigprocmask(SIG_BLOCK, 0, &some);
	printf("masked again %d\n", mask_bits(&some));

	pid = sender(SIGUSR2, -1);
	struct pollfd pfd = {p[0], POLLIN};
	say("ppoll", ppoll(&pfd, 1, 0, &none));
	waitpid(pid, 0, 0);
	sigprocmask(SIG_SETMASK, &none, 0);

	handle(SIGUSR1, handler, SA_ONSTACK | SA_RESTART);
	pid = sender(SIGUSR1, p[1]);
	say("restarted", read(p[0], &c, 1));
	waitpid(pid, 0, 0);

	handle(SIGUSR1, handler, SA_ONSTACK);
	shared->fd = p[0];
	pthread_t t = start(reads, (long)(mem + SIZE));
	blocked(&shared->reader);
	pthread_kill(t, SIGUSR1);
	join(t);
	return 0;
}
