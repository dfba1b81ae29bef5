// Extended attributes by path, link and descriptor: set, get, list, remove, sizes, errors.
#include "prog.h"
#include <sys/xattr.h>

int main(void)
{
	char name[] = "/tmp/programXXXXXX", buf[200] = {0};
	int fd = must(mkstemp(name), "mkstemp");
	result("setxattr", setxattr(name, "user.one", "first", 5, XATTR_CREATE));
	result("again", setxattr(name, "user.one", "first", 5, XATTR_CREATE));
	result("replace missing", fsetxattr(fd, "user.two", "x", 1, XATTR_REPLACE));
	result("fsetxattr", fsetxattr(fd, "user.two", "second", 6, 0));
	result("size", getxattr(name, "user.one", 0, 0));
	result("getxattr", getxattr(name, "user.one", buf, sizeof buf));
	printf("[%s]\n", buf);
	result("too small", fgetxattr(fd, "user.two", buf, 3));
	result("lgetxattr", lgetxattr(name, "user.two", buf, sizeof buf));
	printf("[%s]\n", buf);
	long n = flistxattr(fd, buf, sizeof buf);
	int user = 0;
	for (char *p = buf; p < buf + (n > 0 ? n : 0); p += strlen(p) + 1)
		user += !strncmp(p, "user.", 5);
	printf("listed %d\n", user);
	result("list size", listxattr(name, 0, 0) == n);
	result("removexattr", removexattr(name, "user.one"));
	result("removed", getxattr(name, "user.one", buf, sizeof buf));
	result("bad name", setxattr(name, "nonsense", "x", 1, 0));
	result("no file", getxattr("/nonexistent", "user.x", buf, 1));
	unlink(name);
}
