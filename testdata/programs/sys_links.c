// Links, directories and special files: link, symlink, readlink, mkdir, mknod, unlink, O_PATH, O_TMPFILE.
#include "prog.h"
#include <sys/stat.h>

int main(void)
{
	char dir[] = "/tmp/programXXXXXX", buf[100] = {0}, path[64];
	struct stat s;
	must(!!mkdtemp(dir) - 1, "mkdtemp");
	must(chdir(dir), "chdir");
	int fd = must(open("file", O_RDWR | O_CREAT | O_EXCL, 0640), "open");
	result("link", link("file", "second"));
	fstat(fd, &s);
	printf("links %ld mode %o\n", (long)s.st_nlink, s.st_mode);
	result("symlink", symlink("file", "soft"));
	result("readlink", readlink("soft", buf, sizeof buf));
	result("cut", readlink("soft", buf, 2));
	result("not a link", readlink("file", buf, 2));
	result("O_NOFOLLOW", open("soft", O_RDONLY | O_NOFOLLOW));
	int p = must(open("soft", O_PATH | O_NOFOLLOW), "O_PATH");
	result("read of O_PATH", read(p, buf, 1));
	result("readlinkat", readlinkat(p, "", buf, sizeof buf));
	result("mkdir", mkdir("sub", 0755));
	result("again", mkdir("sub", 0755));
	result("mkfifo", mkfifo("sub/fifo", 0600));
	stat("sub/fifo", &s);
	printf("mode %o\n", s.st_mode);
	result("rmdir full", rmdir("sub"));
	result("unlink directory", unlink("sub"));
	result("rmdir file", rmdir("file"));
	int t = open(".", O_TMPFILE | O_RDWR, 0600);
	if (t >= 0) {
		write(t, "unnamed", 7);
		snprintf(path, sizeof path, "/proc/self/fd/%d", t);
		result("linkat", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
		stat("named", &s);
		printf("size %ld\n", (long)s.st_size), unlink("named");
	}
	unlink("sub/fifo"), rmdir("sub"), unlink("soft"), unlink("second");
	result("removed", unlink("file"));
	fstat(fd, &s);
	printf("links %ld\n", (long)s.st_nlink);
	rmdir(dir);
}
