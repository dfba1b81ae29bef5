// A tree of processes, one kind of making them for each argument. For --follow.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char *leaf;

static void say(const char *s)
{
	if (write(1, s, strlen(s)) < 0)
		_exit(99);
}

static void run_leaf(char *what)
{
	execl(leaf, "leaf", what, (char *)0);
	_exit(98);
}

static void reap(const char *what, pid_t pid)
{
	int st;
	if (waitpid(pid, &st, 0) != pid)
		exit(97);
	printf("%s: %s %d\n", what, WIFSIGNALED(st) ? "killed by" : "exit",
	       WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
	fflush(stdout);
}

static volatile sig_atomic_t handled;
static void handler(int sig) { handled++; }

// forks: a child that executes nothing, and has what its parent set up.
static void forks(void)
{
	volatile int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	signal(SIGUSR1, handler);
	char *p = sbrk(8192);
	strcpy(p, "kept");
	sched_getcpu();
	pid_t pid = fork();
	if (!pid) {
		kill(getpid(), SIGUSR1);
		char *q = sbrk(8192);
		q[8191] = 1;
		*shared = 41 + handled;
		printf("child: %s, %d, break %s\n", p, (int)handled, q == p + 8192 ? "moved" : "WRONG");
		printf("on a cpu: %d\n", sched_getcpu() >= 0);
		fflush(stdout);
		_exit(7);
	}
	reap("fork", pid);
	printf("shared %d\n", *shared);
	fflush(stdout);
}

static void vforks(void)
{
	pid_t pid = vfork();
	if (!pid)
		run_leaf("vfork");
	reap("vfork", pid);
}

static void *spawner(void *arg)
{
	pid_t pid = fork();
	if (!pid)
		run_leaf(arg);
	reap(arg, pid);
	return 0;
}

static void threads(void)
{
	pthread_t t[4];
	char *names[] = {"one", "two", "three", "four"};
	for (int i = 0; i < 4; i++) {
		pthread_create(&t[i], 0, spawner, names[i]);
		pthread_join(t[i], 0);
	}
}

static void *becomes(void *arg)
{
	run_leaf("thread");
	return 0;
}

// execs: a thread that is not the first makes the process another program.
static void execs(void)
{
	pid_t pid = fork();
	if (!pid) {
		pthread_t t;
		pthread_create(&t, 0, becomes, 0);
		for (;;)
			pause();
	}
	reap("exec", pid);
}

static void stops(void)
{
	int st;
	pid_t pid = fork();
	if (!pid) {
		signal(SIGCONT, handler);
		raise(SIGSTOP);
		_exit(10 + handled);
	}
	waitpid(pid, &st, WUNTRACED);
	printf("stopped by %d\n", WIFSTOPPED(st) ? WSTOPSIG(st) : 0);
	kill(pid, SIGCONT);
	reap("stop", pid);
	if (!(pid = fork()))
		for (;;)
			pause();
	kill(pid, SIGKILL);
	reap("kill", pid);
	if (!(pid = fork()))
		abort();
	reap("abort", pid);
}

// outlives: a daemon that goes on when all others have ended.
static void outlives(void)
{
	int p[2];
	if (pipe(p))
		exit(96);
	if (!fork()) {
		if (fork())
			_exit(0);
		setsid();
		char c;
		close(p[1]);
		while (read(p[0], &c, 1) > 0)
			;
		run_leaf("daemon");
	}
	wait(0);
}

int main(int argc, char **argv)
{
	leaf = argv[1];
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "fork"))
			forks();
		else if (!strcmp(argv[i], "vfork"))
			vforks();
		else if (!strcmp(argv[i], "threads"))
			threads();
		else if (!strcmp(argv[i], "exec"))
			execs();
		else if (!strcmp(argv[i], "stop"))
			stops();
		else if (!strcmp(argv[i], "daemon"))
			outlives();
		else
			return 95;
	}
	say("end\n");
	return 5;
}
