// execve that fails in all ways leaves the program as it was.
#include "prog.h"
#include <sys/resource.h>
#include <sys/stat.h>

static void try(const char *what, const char *path, char **argv, char **env)
{
	execve(path, argv, env);
	printf("%s: %s\n", what, strerrorname_np(errno));
}

int main(void)
{
	char *argv[] = {"x", 0}, *none[] = {0}, name[] = "/tmp/programXXXXXX", deep[200];
	try("missing", "/nonexistent/x", argv, none);
	try("directory", "/usr", argv, none);
	try("not a directory", "/etc/passwd/x", argv, none);
	try("no permission", "/etc/passwd", argv, none);
	try("empty", "", argv, none);
	try("bad address", (char *)8, argv, none);
	try("bad arguments", "/bin/true", (char **)8, none);
	try("bad argument", "/bin/true", (char *[]){"x", (char *)8, 0}, none);
	try("bad environment", "/bin/true", argv, (char **)8);
	int fd = mkostemp(name, O_CLOEXEC);
	write(fd, "\177ELF garbage that goes on for a while", 30);
	fchmod(fd, 0700);
	try("busy", name, argv, none);
	close(fd);
	try("no executable", name, argv, none);
	snprintf(deep, sizeof deep, "%s/x", name);
	try("below a file", deep, argv, none);
	unlink(name);
	symlink(name, name);
	try("loop", name, argv, none);
	unlink(name);
	struct rlimit small = {64 << 10, RLIM_INFINITY}, old;
	getrlimit(RLIMIT_STACK, &old);
	char *large = malloc(400000);
	memset(large, 'x', 399999), large[399999] = 0;
	try("argument too long", "/bin/true", (char *[]){"x", large, 0}, none);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_STACK, &small);
	large[100000] = 0;
	try("arguments too long", "/bin/true", (char *[]){"x", large, large, large, 0}, none);
	puts("still here");
}
