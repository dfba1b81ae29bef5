// CLONE_UNTRACED: children, and one that shares the memory, by clone and clone3.
#define _GNU_SOURCE
#include "prog.h"
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static volatile int shared;

static int child(void *arg)
{
	for (int i = 0; i < 100000; i++)
		shared += (int)(long)arg;
	return 3;
}

static int status(pid_t pid)
{
	int st;
	must(waitpid(pid, &st, __WALL), "waitpid");
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

int main(void)
{
	char *stack = malloc(1 << 16);
	printf("copy: %d\n", status(must(clone(child, stack + (1 << 16), CLONE_UNTRACED | SIGCHLD, (void *)1), "clone")));
	printf("shared: %d\n", shared);
	printf("sharer: %d\n", status(must(clone(child, stack + (1 << 16), CLONE_UNTRACED | CLONE_VM | CLONE_FS | CLONE_FILES, (void *)2), "clone")));
	printf("shared: %d\n", shared);
	struct clone_args a = {.flags = CLONE_UNTRACED, .exit_signal = SIGCHLD};
	pid_t pid = must(syscall(SYS_clone3, &a, sizeof a), "clone3");
	if (!pid)
		_exit(child((void *)3) + 1);
	printf("clone3: %d\n", status(pid));
	printf("shared: %d, flags %s\n", shared, a.flags == CLONE_UNTRACED ? "kept" : "changed");
}
