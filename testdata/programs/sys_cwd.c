// getcwd, chdir, fchdir, paths relative to descriptors.
#include "prog.h"
#include <sys/stat.h>

int main(void)
{
	char buf[4096], dir[] = "/tmp/programXXXXXX";
	int root = must(open("/", O_PATH | O_DIRECTORY), "open");
	if (!mkdtemp(dir))
		return 99;
	result("chdir", chdir(dir));
	check(getcwd(buf, sizeof buf) && !strcmp(buf, dir), "getcwd");
	result("raw getcwd", syscall(SYS_getcwd, buf, sizeof buf));
	result("getcwd too small", syscall(SYS_getcwd, buf, 4));
	int d = must(open(".", O_DIRECTORY), "open");
	result("mkdirat", mkdirat(d, "x", 0700));
	result("openat", openat(d, "x/f", O_CREAT | O_RDWR, 0600) >= 0 ? 0 : -1);
	result("renameat", renameat(d, "x/f", d, "g"));
	result("linkat", linkat(d, "g", d, "h", 0));
	result("symlinkat", symlinkat("g", d, "s"));
	result("readlinkat", readlinkat(d, "s", buf, sizeof buf));
	result("fchdir", fchdir(root));
	printf("%s\n", getcwd(buf, sizeof buf));
	result("unlinkat", unlinkat(d, "g", 0) | unlinkat(d, "h", 0) | unlinkat(d, "s", 0));
	result("unlinkat dir", unlinkat(d, "x", AT_REMOVEDIR));
	result("rmdir", rmdir(dir));
	result("chdir gone", chdir(dir));
	must(fchdir(d), "fchdir");
	printf("getcwd in a removed directory: %s\n", getcwd(buf, sizeof buf) ? buf : strerrorname_np(errno));
}
