// posix_spawn with file actions, attributes and a failing path.
#include "prog.h"
#include <spawn.h>

extern char **environ;

int main(void)
{
	int p[2], st;
	char buf[100] = {0};
	pid_t pid;
	must(pipe(p), "pipe");
	posix_spawn_file_actions_t fa;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	posix_spawn_file_actions_addclose(&fa, p[0]);
	posix_spawnattr_t at;
	sigset_t none;
	sigemptyset(&none);
	posix_spawnattr_init(&at);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&at, &none);
	for (int i = 0; i < 5; i++) {
		char *argv[] = {"sh", "-c", "echo spawned $0; exit 9", (char[]){'a' + i, 0}, 0};
		printf("%d ", posix_spawn(&pid, "/bin/sh", &fa, &at, argv, environ));
		waitpid(pid, &st, 0);
		long n = read(p[0], buf, sizeof buf);
		printf("status %d [%.*s]\n", WEXITSTATUS(st), (int)n - 1, buf);
	}
	printf("missing: %s\n", strerrorname_np(posix_spawn(&pid, "/nonexistent", 0, 0, (char *[]){"x", 0}, environ)));
	printf("spawnp: %d\n", posix_spawnp(&pid, "true", 0, 0, (char *[]){"true", 0}, environ));
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
