// process_vm_readv and process_vm_writev: to itself and with a child, several pieces, holes, errors.
#include "prog.h"
#include <sys/uio.h>

int main(void)
{
	char text[] = "0123456789abcdefghij", buf[21] = {0};
	struct iovec to[2] = {{buf, 4}, {buf + 10, 6}}, from[2] = {{text + 2, 3}, {text + 12, 7}};
	result("read itself", process_vm_readv(getpid(), to, 2, from, 2, 0));
	printf("[%.4s] [%.6s]\n", buf, buf + 10);
	result("write itself", process_vm_writev(getpid(), from, 1, to, 1, 0));
	printf("[%.4s]\n", buf);
	char *p = pages(2, PROT_READ | PROT_WRITE);
	strcpy(p + PAGE - 6, "short");
	munmap(p + PAGE, PAGE);
	struct iovec out = {buf, 20}, hole = {p + PAGE - 6, 20};
	result("into a hole", process_vm_readv(getpid(), &out, 1, &hole, 1, 0));
	hole.iov_base = (void *)8;
	result("bad", process_vm_readv(getpid(), &out, 1, &hole, 1, 0));
	result("nobody", process_vm_readv(1 << 30, &out, 1, from, 1, 0));
	result("bad flags", process_vm_readv(getpid(), &out, 1, from, 1, 5));
	int a[2], b[2], st;
	char c;
	static char shared[16] = "the parent's";
	must(pipe(a), "pipe"), must(pipe(b), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		strcpy(shared, "the child's");
		write(a[1], "r", 1);
		read(b[0], &c, 1);
		_exit(strcmp(shared, "changed") ? 1 : 12);
	}
	read(a[0], &c, 1);
	struct iovec theirs = {shared, 16};
	out.iov_len = 16;
	result("read the child", process_vm_readv(pid, &out, 1, &theirs, 1, 0));
	printf("[%s]\n", buf);
	strcpy(buf, "changed");
	result("write the child", process_vm_writev(pid, &out, 1, &theirs, 1, 0));
	write(b[1], "g", 1);
	waitpid(pid, &st, 0);
	printf("status %d, own [%s]\n", WEXITSTATUS(st), shared);
}
