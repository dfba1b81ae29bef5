// execve of scripts: interpreter, its one argument, the arguments that follow, nesting.
#include "prog.h"
#include <sys/stat.h>

static void script(const char *name, const char *text)
{
	int fd = must(open(name, O_WRONLY | O_CREAT | O_EXCL, 0700), "open");
	must(write(fd, text, strlen(text)), "write");
	close(fd);
}

static void run(const char *name)
{
	int st;
	fflush(stdout);
	if (!must(fork(), "fork")) {
		execl(name, "ignored", "one", "two words", (char *)0);
		printf("%s\n", strerrorname_np(errno));
		exit(99);
	}
	wait(&st);
	printf("status %d\n", WEXITSTATUS(st));
}

int main(void)
{
	char dir[] = "/tmp/programXXXXXX";
	mkdtemp(dir);
	must(chdir(dir), "chdir");
	script("plain", "#!/bin/sh\necho \"$0 $# [$1] [$2]\"\nexit 3\n");
	script("option", "#!/bin/sh -e\necho $-\nfalse\necho never\n");
	script("spaces", "#!  /bin/echo  a b  c  \n");
	script("nested", "#!./plain extra\nnot read\n");
	script("missing", "#!/nonexistent\n");
	script("none", "echo no interpreter\n");
	script("empty", "");
	run("./plain"), run("./option"), run("./spaces"), run("./nested"), run("./missing"), run("./none"), run("./empty");
	for (const char *n[] = {"plain", "option", "spaces", "nested", "missing", "none", "empty", 0}, **p = n; *p; p++)
		unlink(*p);
	rmdir(dir);
}
