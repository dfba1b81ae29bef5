// /proc/self/exe, cmdline, environ, comm, cwd and root are the program's own.
#include "prog.h"
#include <sys/stat.h>

static long get(const char *path, char *buf, long n)
{
	int fd = open(path, O_RDONLY);
	long got = read(fd, buf, n - 1);
	close(fd);
	buf[got < 0 ? 0 : got] = 0;
	return got;
}

int main(int argc, char **argv)
{
	char buf[65536], link[400] = {0}, cwd[400], real[400];
	struct stat a, b;
	readlink("/proc/self/exe", link, sizeof link - 1);
	check(!strcmp(link, realpath(argv[0], real)), "exe");
	stat("/proc/self/exe", &a), stat(argv[0], &b);
	check(a.st_ino == b.st_ino && a.st_dev == b.st_dev, "the same file");
	check(get("/proc/self/cmdline", buf, sizeof buf) == strlen(argv[0]) + 1 && !strcmp(buf, argv[0]), "cmdline");
	get("/proc/self/comm", buf, sizeof buf);
	printf("comm %s", buf);
	memset(link, 0, sizeof link);
	readlink("/proc/self/cwd", link, sizeof link - 1);
	check(!strcmp(link, getcwd(cwd, sizeof cwd)), "cwd");
	printf("root %ld\n", (long)readlink("/proc/self/root", link, sizeof link));
	get("/proc/self/environ", buf, sizeof buf);
	char *preload = 0;
	for (char **e = environ; *e; e++)
		if (strcasestr(*e, "LD_PRELOAD="))
			preload = *e;
	check(!preload, "nothing preloaded");
	extern char **environ;
	check(!environ[0] || !strcmp(buf, environ[0]), "environ");
	snprintf(link, sizeof link, "/proc/%d/exe", getpid());
	check(readlink(link, real, sizeof real) > 0, "by pid");
}
