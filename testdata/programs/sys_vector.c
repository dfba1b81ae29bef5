// readv, writev, preadv, pwritev, preadv2, pwritev2 with uneven vectors.
#include "prog.h"
#include <sys/uio.h>

int main(void)
{
	char a[8] = {0}, b[8] = {0}, c[64] = {0};
	struct iovec out[] = {{"one ", 4}, {"", 0}, {"two ", 4}, {"three", 5}};
	struct iovec in[] = {{a, 3}, {0, 0}, {b, 7}, {c, 60}};
	int fd = tmpfile_fd("", 0);
	result("writev", writev(fd, out, 4));
	result("pwritev", pwritev(fd, out, 3, 13));
	result("pwritev2", pwritev2(fd, out, 1, 21, 0));
	lseek(fd, 0, SEEK_SET);
	result("readv", readv(fd, in, 4));
	printf("[%.3s][%.7s][%s]\n", a, b, c);
	memset(c, 0, sizeof c);
	result("preadv", preadv(fd, in, 4, 15));
	printf("[%.3s][%.7s][%s]\n", a, b, c);
	result("preadv2", preadv2(fd, in, 1, 4, 0));
	printf("[%.3s]\n", a);
	result("readv none", readv(fd, in, 0));
	result("readv too many", syscall(SYS_readv, fd, in, 2000));
	in[1].iov_len = (size_t)-1;
	result("readv negative length", readv(fd, in, 4));
}
