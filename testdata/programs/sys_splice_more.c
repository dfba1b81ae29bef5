// splice, tee and vmsplice between files, pipes, sockets and memory.
#include "prog.h"
#include <sys/socket.h>
#include <sys/uio.h>

int main(void)
{
	char text[6000], buf[6001];
	for (int i = 0; i < sizeof text; i++)
		text[i] = 'A' + i % 26;
	int in = tmpfile_fd(text, sizeof text), out = tmpfile_fd("", 0), a[2], b[2], s[2];
	must(pipe(a), "pipe"), must(pipe(b), "pipe"), must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	loff_t off = 7;
	result("file to pipe", splice(in, &off, a[1], 0, 3000, 0));
	printf("offset %ld\n", (long)off);
	result("tee", tee(a[0], b[1], 3000, 0));
	result("pipe to file", splice(a[0], 0, out, 0, 3000, 0));
	result("pipe to socket", splice(b[0], 0, s[0], 0, 3000, 0));
	result("recv", recv(s[1], buf, 3000, MSG_WAITALL));
	printf("%d\n", memcmp(buf, text + 7, 3000));
	pread(out, buf, 3000, 0);
	printf("%d\n", memcmp(buf, text + 7, 3000));
	struct iovec v[2] = {{text, 100}, {text + 1000, 50}};
	result("vmsplice in", vmsplice(a[1], v, 2, 0));
	struct iovec w = {buf, sizeof buf};
	result("vmsplice out", vmsplice(a[0], &w, 1, 0));
	printf("%d %d\n", memcmp(buf, text, 100), memcmp(buf + 100, text + 1000, 50));
	result("socket to pipe", (send(s[1], "spliced", 7, 0), splice(s[0], 0, a[1], 0, 100, SPLICE_F_MOVE)));
	result("read", read(a[0], buf, 100));
	printf("[%.7s]\n", buf);
	result("empty", splice(a[0], 0, out, 0, 10, SPLICE_F_NONBLOCK));
	result("no pipe", splice(in, 0, out, 0, 10, 0));
	result("offset of a pipe", splice(a[0], &off, out, 0, 10, 0));
	result("tee to itself", tee(a[0], a[1], 10, 0));
}
