// rename, renameat and renameat2: replace, do not replace, exchange, directories, errors.
#include "prog.h"
#include <sys/stat.h>

static void make(const char *name, const char *text)
{
	int fd = must(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600), "open");
	write(fd, text, strlen(text)), close(fd);
}

static void show(const char *name)
{
	char buf[20] = {0};
	int fd = open(name, O_RDONLY);
	if (fd >= 0)
		read(fd, buf, 19), close(fd);
	printf("%s [%s]\n", name, fd < 0 ? strerrorname_np(errno) : buf);
}

int main(void)
{
	char dir[] = "/tmp/programXXXXXX";
	must(!!mkdtemp(dir) - 1, "mkdtemp");
	must(chdir(dir), "chdir");
	make("a", "one"), make("b", "two");
	result("NOREPLACE", renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE));
	result("EXCHANGE", renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE));
	show("a"), show("b");
	result("rename", rename("a", "b"));
	show("a"), show("b");
	result("NOREPLACE", renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_NOREPLACE));
	result("exchange with nothing", renameat2(AT_FDCWD, "c", AT_FDCWD, "d", RENAME_EXCHANGE));
	result("both", renameat2(AT_FDCWD, "c", AT_FDCWD, "d", RENAME_EXCHANGE | RENAME_NOREPLACE));
	mkdir("sub", 0700), mkdir("full", 0700), make("full/x", "x");
	result("file over directory", rename("c", "sub"));
	result("directory over file", rename("sub", "c"));
	result("over a full one", rename("sub", "full"));
	result("into itself", rename("full", "full/y"));
	result("over an empty one", rename("full", "sub"));
	show("sub/x");
	result("to itself", rename("c", "c"));
	result("missing", rename("zz", "y"));
	unlink("c"), unlink("sub/x"), rmdir("sub"), rmdir(dir);
}
