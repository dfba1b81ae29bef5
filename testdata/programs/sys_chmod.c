// chmod, chown, utimensat, umask and access: by path and descriptor, with the errors.
#include "prog.h"
#include <sys/stat.h>

static char name[] = "/tmp/programXXXXXX";

static void show(void)
{
	struct stat s;
	stat(name, &s);
	printf("mode %o atime %ld.%09ld mtime %ld.%09ld\n", s.st_mode, (long)s.st_atim.tv_sec, s.st_atim.tv_nsec,
		(long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}

int main(void)
{
	int fd = must(mkstemp(name), "mkstemp");
	struct timespec t[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
	result("utimensat", utimensat(AT_FDCWD, name, t, 0));
	show();
	t[0].tv_nsec = UTIME_OMIT, t[1] = (struct timespec){5, 6};
	result("futimens", futimens(fd, t));
	show();
	t[1].tv_nsec = 2000000000;
	result("bad time", futimens(fd, t));
	result("chmod", chmod(name, 01751));
	show();
	result("fchmod", fchmod(fd, 0400));
	result("fchmodat", fchmodat(AT_FDCWD, name, 0640, 0));
	show();
	result("chown", chown(name, getuid(), getgid()));
	result("fchown", fchown(fd, -1, -1));
	result("lchown", lchown("/nonexistent", 1, 1));
	result("access", access(name, R_OK | W_OK));
	result("access", access("/nonexistent", F_OK));
	result("bad access", access(name, 77));
	result("faccessat", faccessat(AT_FDCWD, name, R_OK, AT_EACCESS));
	printf("umask %o\n", umask(027));
	printf("umask %o\n", umask(0));
	unlink(name);
}
