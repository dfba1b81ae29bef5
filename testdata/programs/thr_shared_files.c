// Threads share directory, umask and descriptors, until they unshare them.
#include "thread.h"
#include <sys/stat.h>

static int fd;

static void *changes(void *arg)
{
	if (arg)
		result("unshare", unshare(CLONE_FS | CLONE_FILES));
	must(chdir(arg ? "/usr" : "/tmp"), "chdir");
	umask(arg ? 011 : 077);
	close(fd);
	return 0;
}

static void show(void)
{
	char dir[100];
	mode_t m = umask(0);
	umask(m);
	printf("%s %03o ", getcwd(dir, sizeof dir), m);
	result("F_GETFD", fcntl(fd, F_GETFD));
}

int main(void)
{
	must(chdir("/"), "chdir");
	umask(022);
	fd = dup(1);
	show();
	join(start(changes, 0));
	show();
	must(dup2(1, fd), "dup2");
	join(start(changes, 1));
	show();
}
