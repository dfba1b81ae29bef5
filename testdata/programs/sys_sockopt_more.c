// Socket options: set and read back, sizes, urgent data, linger, errors pending on a socket.
#include "prog.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static void get(int s, const char *what, int level, int opt)
{
	int v = -1;
	socklen_t len = sizeof v;
	int r = getsockopt(s, level, opt, &v, &len);
	printf("%s: %d %d %s\n", what, v, len, r ? strerrorname_np(errno) : "");
}

int main(void)
{
	int s = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), one = 1, n;
	get(s, "SO_TYPE", SOL_SOCKET, SO_TYPE);
	get(s, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	get(s, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	get(s, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
	setsockopt(s, SOL_SOCKET, SO_SNDBUF, &(int){20000}, sizeof(int));
	get(s, "SO_SNDBUF", SOL_SOCKET, SO_SNDBUF);
	get(s, "unknown", SOL_SOCKET, 9999);
	struct linger l = {1, 3};
	socklen_t len = 6;
	setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l);
	memset(&l, 0, sizeof l);
	result("cut", getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &len));
	printf("%d %d length %d\n", l.l_onoff, l.l_linger & 0xffff, len);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};
	result("connect", connect(s, (void *)&a, sizeof a));
	int lis = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), c = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	a.sin_port = 0, len = sizeof a;
	bind(lis, (void *)&a, sizeof a), listen(lis, 1), getsockname(lis, (void *)&a, &len);
	int r = connect(c, (void *)&a, sizeof a);
	check(!r || errno == EINPROGRESS, "connecting");
	struct pollfd p = {c, POLLOUT};
	poll(&p, 1, -1);
	get(c, "SO_ERROR", SOL_SOCKET, SO_ERROR);
	int d = must(accept(lis, 0, 0), "accept");
	send(d, "normal", 6, 0), send(d, "!", 1, MSG_OOB);
	p = (struct pollfd){c, POLLPRI};
	poll(&p, 1, -1);
	char buf[10] = {0};
	result("urgent", recv(c, buf, 1, MSG_OOB));
	printf("[%s]\n", buf);
	ioctl(c, FIONREAD, &n);
	printf("FIONREAD %d\n", n);
	result("recv", recv(c, buf, 10, 0));
	struct tcp_info ti;
	len = sizeof ti;
	getsockopt(c, IPPROTO_TCP, TCP_INFO, &ti, &len);
	printf("state %d\n", ti.tcpi_state);
}
