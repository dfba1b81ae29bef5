// fexecve and execveat: by descriptor, relative to a directory, of a memfd, not through symbolic links.
#include "prog.h"

extern char **environ;

static void run(int dir, const char *path, int flags)
{
	int st;
	char *argv[] = {"echo", "ran", 0};
	fflush(stdout);
	if (!must(fork(), "fork")) {
		if (!path)
			fexecve(dir, argv, environ);
		else
			execveat(dir, path, argv, environ, flags);
		printf("%s\n", strerrorname_np(errno));
		exit(9);
	}
	wait(&st);
	printf("status %d\n", WEXITSTATUS(st));
}

int main(void)
{
	char buf[65536];
	int echo = must(open("/bin/echo", O_RDONLY), "open");
	int bin = must(open("/bin", O_RDONLY | O_DIRECTORY), "open");
	int mem = must(memfd_create("copy", MFD_CLOEXEC), "memfd_create");
	for (long n; (n = read(echo, buf, sizeof buf)) > 0;)
		write(mem, buf, n);
	run(echo, 0, 0);
	run(echo, "", AT_EMPTY_PATH);
	run(bin, "echo", 0);
	run(bin, "sh", AT_SYMLINK_NOFOLLOW);
	run(bin, "missing", 0);
	run(mem, 0, 0);
	run(mem, "", 0);
	run(-1, "/bin/echo", 0);
	run(-1, "", AT_EMPTY_PATH);
}
