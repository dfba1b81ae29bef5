// UNIX sockets with names: path, abstract, autobound, datagrams, peers, errors.
#include "prog.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
	struct sockaddr_un a = {AF_UNIX}, b;
	socklen_t len;
	char buf[20] = {0};
	snprintf(a.sun_path, sizeof a.sun_path, "/tmp/program-%d.sock", getpid());
	int s = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), c = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	result("no server", connect(c, (void *)&a, sizeof a));
	result("bind", bind(s, (void *)&a, sizeof a));
	result("again", bind(c, (void *)&a, sizeof a));
	result("not listening", connect(c, (void *)&a, sizeof a));
	result("listen", listen(s, 5));
	result("connect", connect(c, (void *)&a, sizeof a));
	len = sizeof b;
	int d = must(accept4(s, (void *)&b, &len, SOCK_CLOEXEC | SOCK_NONBLOCK), "accept4");
	printf("unnamed peer: %d\n", len);
	result("empty", read(d, buf, 1));
	len = sizeof b;
	getpeername(c, (void *)&b, &len);
	check(!strcmp(a.sun_path, b.sun_path), "getpeername");
	struct ucred cred;
	len = sizeof cred;
	getsockopt(d, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	check(cred.pid == getpid(), "SO_PEERCRED");
	unlink(a.sun_path);
	int x = must(socket(AF_UNIX, SOCK_DGRAM, 0), "socket"), y = must(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
	result("autobind", bind(x, (void *)&a, offsetof(struct sockaddr_un, sun_path)));
	len = sizeof b;
	getsockname(x, (void *)&b, &len);
	printf("abstract: length %d first %d\n", len, b.sun_path[0]);
	result("sendto", sendto(y, "datagram", 8, 0, (void *)&b, len));
	struct sockaddr_un z;
	socklen_t zlen = sizeof z;
	result("recvfrom", recvfrom(x, buf, sizeof buf, 0, (void *)&z, &zlen));
	printf("[%s] from nobody: %d\n", buf, zlen);
	shutdown(c, SHUT_WR);
	result("end", read(d, buf, 1));
}
