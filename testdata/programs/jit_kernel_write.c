// Code brought into memory by the kernel: read, recv, process_vm_readv, pread over what was executed.
#include "jit.h"
#include <sys/socket.h>
#include <sys/uio.h>

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC), buf[8];
	int s[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	long bad = 0;
	for (int i = 0; i < 100; i++) {
		constant(buf, i);
		struct iovec to = {p, 8}, from = {buf, 8};
		switch (i % 4) {
		case 0: write(s[1], buf, 8), must(read(s[0], p, 8), "read"); break;
		case 1: write(s[1], buf, 8), must(recv(s[0], p, 8, 0), "recv"); break;
		case 2: must(process_vm_readv(getpid(), &to, 1, &from, 1, 0), "process_vm_readv"); break;
		case 3: {
			int fd = tmpfile_fd(buf, 8);
			must(preadv(fd, &to, 1, 0), "preadv"), close(fd);
		}
		}
		bad += call(p, 2) != i + 2;
	}
	printf("bad %ld\n", bad);
}
