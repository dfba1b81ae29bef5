// clone in combinations of flags: what is shared and what is copied.
#include "prog.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(16)));
static volatile int variable;
static int fd;

static int child(void *arg)
{
	variable++;
	close(fd);
	chdir("/usr");
	signal(SIGUSR1, SIG_IGN);
	return 3;
}

static void try(const char *name, int flags)
{
	char dir[100];
	struct sigaction sa;
	int st = 0;
	variable = 0;
	fd = dup(1);
	must(chdir("/"), "chdir");
	signal(SIGUSR1, SIG_DFL);
	pid_t pid = must(clone(child, stack + sizeof stack, flags, 0), name);
	result(name, waitpid(pid, &st, __WALL) == pid ? WEXITSTATUS(st) : -1);
	sigaction(SIGUSR1, 0, &sa);
	printf("  memory %d files %d directory %s handlers %d\n", variable, fcntl(fd, F_GETFD) == -1,
		getcwd(dir, sizeof dir), sa.sa_handler == SIG_IGN);
	close(fd);
}

int main(void)
{
	try("nothing", SIGCHLD);
	try("memory", CLONE_VM | SIGCHLD);
	try("vfork", CLONE_VM | CLONE_VFORK | SIGCHLD);
	try("files", CLONE_FILES | SIGCHLD);
	try("fs", CLONE_FS | SIGCHLD);
	try("handlers", CLONE_VM | CLONE_SIGHAND | SIGCHLD);
	try("all", CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND | SIGCHLD);
	try("no signal", 0);
	try("another signal", SIGURG);
	result("bad", clone(child, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, 0));
	result("bad", clone(child, stack + sizeof stack, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0));
}
