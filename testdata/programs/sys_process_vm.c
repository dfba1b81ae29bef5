// A process reads and writes its own memory and a child's through the kernel.
#include "prog.h"
#include <sys/uio.h>

static char here[64] = "what the parent has", there[64] = "the other";

int main(void)
{
	char a[8] = {0}, b[32] = {0};
	struct iovec local[2] = {{a, 4}, {b, 32}}, remote[2] = {{here + 5, 3}, {here + 9, 10}};
	result("process_vm_readv", process_vm_readv(getpid(), local, 2, remote, 2, 0));
	printf("[%s] [%s]\n", a, b);
	struct iovec src = {"written", 7}, dst = {there + 4, 7};
	result("process_vm_writev", process_vm_writev(getpid(), &src, 1, &dst, 1, 0));
	printf("[%s]\n", there);
	int p[2];
	must(pipe(p), "pipe");
	pid_t pid = fork();
	if (!pid) {
		strcpy(here, "what the child has ");
		must(write(p[1], "", 1), "write");
		pause();
	}
	must(read(p[0], a, 1), "read");
	memset(b, 0, sizeof b);
	remote[0] = (struct iovec){here, 18};
	result("of the child", process_vm_readv(pid, &local[1], 1, remote, 1, 0));
	printf("[%s]\n", b);
	remote[0].iov_len = 10, remote[1] = (struct iovec){(void *)8, 10};
	memset(b, 0, sizeof b);
	result("partly bad", process_vm_readv(pid, &local[1], 1, remote, 2, 0));
	printf("[%s]\n", b);
	result("bad flags", process_vm_readv(pid, local, 1, remote, 1, 77));
	kill(pid, SIGKILL);
	waitpid(pid, 0, 0);
	result("of nobody", process_vm_readv(pid, local, 1, remote, 1, 0));
}
