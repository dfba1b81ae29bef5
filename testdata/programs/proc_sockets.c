// A forking TCP server: one child for each connection, clients in other children.
#include "prog.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int s = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), st;
	must(bind(s, (void *)&at, sizeof at), "bind");
	must(listen(s, 8), "listen");
	getsockname(s, (void *)&at, &len);
	for (int i = 0; i < 4; i++)
		if (!must(fork(), "fork")) {
			int c = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), v = i;
			must(connect(c, (void *)&at, sizeof at), "connect");
			write(c, &v, sizeof v);
			recv(c, &v, sizeof v, MSG_WAITALL);
			_exit(v == i * 100 + 7 ? 1 : 100);
		}
	for (int i = 0; i < 4; i++) {
		int c = must(accept(s, 0, 0), "accept");
		if (!must(fork(), "fork")) {
			int v;
			recv(c, &v, sizeof v, MSG_WAITALL);
			v = v * 100 + 7;
			write(c, &v, sizeof v);
			_exit(10);
		}
		close(c);
	}
	int sum = 0;
	while (wait(&st) > 0)
		sum += WEXITSTATUS(st);
	printf("sum %d\n", sum);
}
