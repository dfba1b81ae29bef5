// Data that move within the kernel, and the offsets that come back.
#include "prog.h"
#include <sys/sendfile.h>
#include <sys/uio.h>

int main(void)
{
	int p[2], q[2];
	must(pipe(p), "pipe");
	must(pipe(q), "pipe");
	char buf[32] = {0}, buf2[8] = {0};
	int a = tmpfile_fd("0123456789abcdef", 16), b = tmpfile_fd("", 0);
	loff_t in = 4, out = 2;
	result("splice from file", splice(a, &in, p[1], 0, 6, 0));
	printf("offset %ld\n", (long)in);
	result("tee", tee(p[0], q[1], 4, SPLICE_F_NONBLOCK));
	result("splice to file", splice(p[0], 0, b, &out, 6, 0));
	printf("offset %ld\n", (long)out);
	result("read of the copy", read(q[0], buf, sizeof buf));
	printf("[%s]\n", buf);
	result("splice of nothing", splice(p[0], 0, b, &out, 6, SPLICE_F_NONBLOCK));
	result("tee of nothing", tee(p[0], q[1], 4, SPLICE_F_NONBLOCK));
	in = 0, out = 10;
	result("copy_file_range", copy_file_range(a, &in, b, &out, 5, 0));
	printf("offsets %ld %ld\n", (long)in, (long)out);
	off_t at = 12;
	result("sendfile", sendfile(p[1], a, &at, 100));
	printf("offset %ld\n", (long)at);
	memset(buf, 0, sizeof buf);
	struct iovec v[2] = {{buf, 2}, {buf2, 8}};
	result("vmsplice out of a pipe", vmsplice(p[0], v, 2, 0));
	printf("[%s] [%s]\n", buf, buf2);
	static char gift[] = "a gift";
	struct iovec g = {gift, 6};
	result("vmsplice into a pipe", vmsplice(p[1], &g, 1, 0));
	memset(buf, 0, sizeof buf);
	result("read", read(p[0], buf, sizeof buf));
	printf("[%s]\n", buf);
	memset(buf, 0, sizeof buf);
	result("pread", pread(b, buf, 20, 0));
	printf("%lx\n", hash(buf, 20));
	result("splice without a pipe", splice(a, 0, b, 0, 1, 0));
	result("sendfile bad offset", sendfile(p[1], a, (void *)8, 1));
}
