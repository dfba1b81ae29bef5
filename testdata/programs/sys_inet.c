// A TCP connection to ourselves over the loopback interface.
#include "prog.h"
#include <arpa/inet.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
	socklen_t len = sizeof a;
	char buf[32] = {0};
	int l = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	must(bind(l, (void *)&a, sizeof a), "bind");
	must(listen(l, 5), "listen");
	must(getsockname(l, (void *)&a, &len), "getsockname");
	printf("len %u family %d\n", len, a.sin_family);
	int c = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	result("connect", connect(c, (void *)&a, sizeof a));
	len = sizeof peer;
	int s = must(accept4(l, (void *)&peer, &len, SOCK_CLOEXEC), "accept4");
	printf("accepted len %u from %s\n", len, inet_ntoa(peer.sin_addr));
	len = sizeof a;
	struct sockaddr_in mine;
	must(getsockname(c, (void *)&mine, &len), "getsockname");
	check(mine.sin_port == peer.sin_port, "ports agree");
	result("sendto", sendto(c, "ping", 4, 0, 0, 0));
	result("recvfrom", recvfrom(s, buf, sizeof buf, 0, 0, 0));
	result("write", write(s, buf, 4));
	result("peek", recv(c, buf + 8, 8, MSG_PEEK));
	result("read", read(c, buf + 16, 8));
	printf("[%s][%s][%s]\n", buf, buf + 8, buf + 16);
	int err = -1;
	len = sizeof err;
	must(getsockopt(c, SOL_SOCKET, SO_ERROR, &err, &len), "getsockopt");
	printf("SO_ERROR %d\n", err);
	close(s);
	result("read after close", read(c, buf, 8));
	close(l);
	int c2 = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	result("connect refused", connect(c2, (void *)&a, sizeof a));
}
