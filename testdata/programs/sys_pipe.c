// pipe, pipe2, dup family, non-blocking ends, FIONREAD, splice and tee.
#include "prog.h"
#include <sys/ioctl.h>

int main(void)
{
	int p[2], q[2], n = -1;
	char buf[100] = {0};
	must(pipe(p), "pipe");
	must(pipe2(q, O_NONBLOCK | O_CLOEXEC), "pipe2");
	result("read empty", read(q[0], buf, 10));
	result("write", write(p[1], "abcdefghij", 10));
	result("FIONREAD", ioctl(p[0], FIONREAD, &n));
	printf("n = %d\n", n);
	result("tee", tee(p[0], q[1], 4, 0));
	result("splice", splice(p[0], 0, q[1], 0, 6, 0));
	result("read", read(q[0], buf, sizeof buf));
	printf("[%s]\n", buf);
	int d = must(dup(p[1]), "dup");
	result("dup2", dup2(d, 50));
	result("dup3", dup3(d, 51, O_CLOEXEC));
	result("dup3 same", dup3(51, 51, 0));
	result("F_GETFD", fcntl(51, F_GETFD));
	result("write to 50", write(50, "XY", 2));
	memset(buf, 0, sizeof buf);
	result("read rest", read(p[0], buf, sizeof buf));
	printf("[%s]\n", buf);
	close(p[1]), close(d), close(50), close(51);
	result("read closed", read(p[0], buf, sizeof buf));
	result("fill", fcntl(q[1], F_SETPIPE_SZ, 4096));
	memset(buf, 'x', sizeof buf);
	long total = 0, k;
	while ((k = write(q[1], buf, sizeof buf)) > 0)
		total += k;
	result("full", k);
	printf("total %ld\n", total);
}
