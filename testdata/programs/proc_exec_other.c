// execve of another program ends this one's image; its status and output are the program's.
#include "prog.h"

int main(void)
{
	printf("before\n");
	fflush(stdout);
	must(mprotect(pages(100, PROT_NONE), PAGE, PROT_READ), "mprotect");
	result("not executable", execl("/etc/passwd", "x", (char *)0));
	result("directory", execl("/", "x", (char *)0));
	fflush(stdout);
	execl("/bin/sh", "sh", "-c", "echo after; exit 23", (char *)0);
	return 99;
}
