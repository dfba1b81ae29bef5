// stat, lstat, fstat, newfstatat, statx and statfs agree.
#include "prog.h"
#include <sys/stat.h>
#include <sys/vfs.h>

int main(void)
{
	struct stat a, b, c;
	struct statx x;
	struct statfs f, g;
	char name[] = "/tmp/programXXXXXX";
	int fd = must(mkstemp(name), "mkstemp");
	must(write(fd, "12345", 5), "write");
	result("stat", syscall(SYS_stat, name, &a));
	result("fstat", fstat(fd, &b));
	result("newfstatat", fstatat(AT_FDCWD, name, &c, AT_SYMLINK_NOFOLLOW));
	check(!memcmp(&a, &b, sizeof a) && !memcmp(&a, &c, sizeof a), "same inode");
	printf("size %ld mode %o links %ld\n", (long)a.st_size, a.st_mode, (long)a.st_nlink);
	result("statx", statx(AT_FDCWD, name, 0, STATX_BASIC_STATS, &x));
	check(x.stx_ino == a.st_ino && x.stx_size == 5 && x.stx_mtime.tv_nsec == a.st_mtim.tv_nsec, "statx agrees");
	result("statfs", statfs("/tmp", &f));
	result("fstatfs", fstatfs(fd, &g));
	check(f.f_type == g.f_type && f.f_bsize == g.f_bsize, "statfs agrees");
	result("stat missing", stat("/nonexistent/x", &a));
	result("stat with null", syscall(SYS_stat, name, 0));
	result("lstat", syscall(SYS_lstat, "/proc/self/exe", &a));
	check(S_ISLNK(a.st_mode), "is a link");
	unlink(name);
	must(fstat(fd, &b), "fstat");
	printf("links after unlink %ld\n", (long)b.st_nlink);
}
