// Shared by the conformance programs in which a process stops and continues
// its child, which has threads.
#include "thread.h"

static volatile long *seen; // what the threads of the child count, shared with the parent

// child forks; in the child it runs f. A group of its own, which is not orphaned,
// may be stopped by all stop signals.
static inline pid_t child(void (*f)(void))
{
	seen = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		setpgid(0, 0);
		f();
		_exit(98);
	}
	return pid;
}

// await waits until the child has counted up to n there.
static inline void await(int i, long n)
{
	while (__atomic_load_n(&seen[i], __ATOMIC_ACQUIRE) < n)
		usleep(200);
}

static inline void count(int i)
{
	__atomic_fetch_add(&seen[i], 1, __ATOMIC_ACQ_REL);
}

// stopped waits for the child to stop, and returns the signal, or 0.
static inline int stopped(pid_t pid)
{
	int st;
	must(waitpid(pid, &st, WUNTRACED), "waitpid");
	return WIFSTOPPED(st) ? WSTOPSIG(st) : 0;
}

static inline int stop(pid_t pid)
{
	must(kill(pid, SIGSTOP), "kill");
	return stopped(pid);
}

// cont continues the child, and reports whether it says so.
static inline int cont(pid_t pid)
{
	int st;
	must(kill(pid, SIGCONT), "kill");
	must(waitpid(pid, &st, WCONTINUED), "waitpid");
	return WIFCONTINUED(st) != 0;
}

// killed kills the child and returns the signal that it ended by.
static inline int killed(pid_t pid)
{
	int st;
	must(kill(pid, SIGKILL), "kill");
	must(waitpid(pid, &st, 0), "waitpid");
	return WIFSIGNALED(st) ? WTERMSIG(st) : 0;
}

// status waits for the child's end.
static inline int status(pid_t pid)
{
	int st;
	must(waitpid(pid, &st, 0), "waitpid");
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static inline void *counts(void *arg)
{
	for (;;) {
		count((long)arg);
		if (arg)
			usleep(50);
	}
}

// counting is a child with three threads that count there, one of them without a pause.
static inline void counting(void)
{
	start(counts, 1), start(counts, 2);
	counts(0);
}
