// posix_spawn attributes: signal defaults, mask, session, scheduler, directory, descriptors.
#include "prog.h"
#include <spawn.h>

extern char **environ;

static int run(posix_spawn_file_actions_t *fa, posix_spawnattr_t *at, char *script)
{
	pid_t pid;
	int st;
	char *argv[] = {"sh", "-c", script, 0};
	fflush(stdout);
	int err = posix_spawn(&pid, "/bin/sh", fa, at, argv, environ);
	if (err)
		return printf("%s\n", strerrorname_np(err)), -1;
	waitpid(pid, &st, 0);
	printf("status %d\n", WIFEXITED(st) ? WEXITSTATUS(st) : 1000 + WTERMSIG(st));
	return pid;
}

int main(void)
{
	posix_spawnattr_t at;
	posix_spawn_file_actions_t fa;
	sigset_t set;
	signal(SIGUSR1, SIG_IGN);
	run(0, 0, "kill -USR1 $$; exit 3");
	posix_spawnattr_init(&at);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigdefault(&at, &set);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGDEF);
	run(0, &at, "kill -USR1 $$; exit 3");
	posix_spawnattr_setsigmask(&at, &set);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	run(0, &at, "kill -USR1 $$; exit 4");
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSID);
	run(0, &at, "test $(cut -d' ' -f6 /proc/$$/stat) = $$");
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addchdir_np(&fa, "/usr");
	posix_spawn_file_actions_addopen(&fa, 7, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, 7, 8);
	posix_spawn_file_actions_addclose(&fa, 7);
	run(&fa, 0, "pwd; test -e /proc/self/fd/8 && ! test -e /proc/self/fd/7");
	posix_spawn_file_actions_addopen(&fa, 9, "/nonexistent", O_RDONLY, 0);
	run(&fa, 0, "never");
}
