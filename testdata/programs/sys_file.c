// Files: open, read, write, positions, truncation, names and links.
#include "prog.h"
#include <sys/stat.h>

int main(void)
{
	char dir[] = "/tmp/programXXXXXX", buf[64] = {0};
	if (!mkdtemp(dir) || chdir(dir))
		return 99;
	int fd = must(open("a", O_RDWR | O_CREAT | O_EXCL, 0640), "open");
	result("write", write(fd, "hello, world\n", 13));
	result("pwrite64", pwrite(fd, "HELLO", 5, 0));
	result("lseek end", lseek(fd, 0, SEEK_END));
	result("lseek set", lseek(fd, 7, SEEK_SET));
	result("read", read(fd, buf, sizeof buf));
	printf("[%s]", buf);
	result("read at end", read(fd, buf, sizeof buf));
	result("pread64", pread(fd, buf, 5, 0));
	printf("[%.5s]\n", buf);
	result("ftruncate", ftruncate(fd, 4));
	result("pread64 cut", pread(fd, buf, 64, 0));
	result("open exclusive", open("a", O_RDWR | O_CREAT | O_EXCL, 0640));
	result("open missing", open("none", O_RDONLY));
	result("creat", creat("b", 0600) >= 0 ? 0 : -1);
	result("link", link("a", "c"));
	result("symlink", symlink("a", "d"));
	memset(buf, '.', sizeof buf);
	result("readlink", readlink("d", buf, sizeof buf));
	printf("[%.3s]\n", buf);
	result("readlink of a file", readlink("a", buf, sizeof buf));
	result("rename", rename("c", "e"));
	result("access", access("e", R_OK | W_OK));
	result("faccessat", faccessat(AT_FDCWD, "c", F_OK, 0));
	result("chmod", chmod("e", 0600));
	result("mkdir", mkdir("sub", 0700));
	result("rmdir", rmdir("sub"));
	for (const char *s = "abde"; *s; s++)
		result("unlink", unlink((char[]){*s, 0}));
	result("rmdir", rmdir(dir));
	result("close", close(fd));
	result("close again", close(fd));
}
