// Buffers that end at an unmapped page: the kernel writes a part, or fails.
#include "prog.h"
#include <sys/uio.h>

int main(void)
{
	char *p = pages(2, PROT_READ | PROT_WRITE), buf[64];
	memset(p, '.', 2 * PAGE);
	munmap(p + PAGE, PAGE);
	char *end = p + PAGE;
	int fd = tmpfile_fd("0123456789abcdef", 16);
	result("read file", read(fd, end - 5, 16));
	printf("[%.8s]\n", end - 8);
	result("pread whole", pread(fd, end - 16, 16, 0));
	printf("[%.16s]\n", end - 16);
	int q[2];
	must(pipe2(q, O_NONBLOCK), "pipe2");
	write(q[1], "0123456789", 10);
	memset(p, '.', PAGE);
	result("read pipe", read(q[0], end - 5, 10));
	printf("[%.8s]\n", end - 8);
	result("rest of pipe", read(q[0], buf, sizeof buf));
	struct iovec v[2] = {{end - 4, 4}, {end, 4}};
	result("preadv", preadv(fd, v, 2, 0));
	printf("[%.4s]\n", end - 4);
	memcpy(end - 4, "tail", 4);
	result("write across", write(q[1], end - 4, 8));
	result("uname across", syscall(SYS_uname, end - 200));
}
