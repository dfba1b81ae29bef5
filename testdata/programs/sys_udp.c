// UDP: sendto, recvfrom, connected sockets, sendmmsg, recvmmsg, truncation, MSG_PEEK, time-outs.
#include "prog.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
	socklen_t len = sizeof a;
	char buf[100] = {0};
	int s = must(socket(AF_INET, SOCK_DGRAM, 0), "socket"), c = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	must(bind(s, (void *)&a, sizeof a), "bind");
	getsockname(s, (void *)&a, &len);
	result("sendto", sendto(c, "hello", 5, 0, (void *)&a, sizeof a));
	len = sizeof from;
	result("peek", recvfrom(s, buf, 3, MSG_PEEK, (void *)&from, &len));
	result("recvfrom", recvfrom(s, buf, 3, MSG_TRUNC, (void *)&from, &len));
	printf("[%s] length %d loopback %d\n", buf, len, from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	result("connect", connect(c, (void *)&a, sizeof a));
	struct iovec v[6];
	struct mmsghdr m[3] = {0};
	char room[3][10] = {{0}};
	for (int i = 0; i < 3; i++) {
		v[2 * i] = (struct iovec){"ab", 2}, v[2 * i + 1] = (struct iovec){"cdefgh", i + 1};
		m[i].msg_hdr.msg_iov = &v[2 * i], m[i].msg_hdr.msg_iovlen = 2;
	}
	result("sendmmsg", sendmmsg(c, m, 3, 0));
	printf("%d %d %d\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	for (int i = 0; i < 3; i++) {
		v[i] = (struct iovec){room[i], i == 1 ? 3 : 10};
		m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1};
	}
	result("recvmmsg", recvmmsg(s, m, 3, 0, 0));
	for (int i = 0; i < 3; i++)
		printf("[%s] %d truncated %d\n", room[i], m[i].msg_len, !!(m[i].msg_hdr.msg_flags & MSG_TRUNC));
	result("none", recv(s, buf, 10, MSG_DONTWAIT));
	struct timeval tv = {0, 3000};
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	result("time-out", recv(s, buf, 10, 0));
	result("too large", send(c, malloc(70000), 70000, 0));
	close(s);
	send(c, "x", 1, 0);
	result("refused", send(c, "x", 1, 0));
}
