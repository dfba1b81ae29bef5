// statx: masks, attributes, by descriptor and path, agreement with stat, errors.
#include "prog.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(void)
{
	char name[] = "/tmp/programXXXXXX";
	struct statx x;
	struct stat s;
	int fd = must(mkstemp(name), "mkstemp");
	write(fd, "12345", 5), fchmod(fd, 0751), stat(name, &s);
	result("by path", statx(AT_FDCWD, name, 0, STATX_BASIC_STATS | STATX_BTIME, &x));
	check((x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS, "mask");
	printf("size %llu mode %o links %u\n", (long long)x.stx_size, x.stx_mode, x.stx_nlink);
	check(x.stx_ino == s.st_ino && makedev(x.stx_dev_major, x.stx_dev_minor) == s.st_dev, "file");
	check(x.stx_mtime.tv_sec == s.st_mtim.tv_sec && x.stx_mtime.tv_nsec == s.st_mtim.tv_nsec, "time");
	result("by descriptor", statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &x));
	printf("size %llu\n", (long long)x.stx_size);
	unlink(name), symlink("/etc", name);
	result("link", statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x));
	printf("link %d\n", S_ISLNK(x.stx_mode));
	result("followed", statx(AT_FDCWD, name, 0, STATX_TYPE, &x));
	printf("directory %d\n", S_ISDIR(x.stx_mode));
	unlink(name);
	result("missing", statx(AT_FDCWD, name, 0, STATX_TYPE, &x));
	result("bad flags", statx(AT_FDCWD, "/", 0x40000000, STATX_TYPE, &x));
	result("bad mask", statx(AT_FDCWD, "/", 0, 0x80000000, &x));
	result("bad address", statx(AT_FDCWD, "/", 0, STATX_TYPE, (void *)8));
}
