// getsockopt: options longer than an address, cut ones, those that tell the
// length needed, and a filter, whose length counts instructions.
#include "prog.h"
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

// untouched returns how many of the n bytes at p still have their first value.
static int untouched(const unsigned char *p, int n)
{
	int k = 0;
	while (n-- > 0)
		k += p[n] == 0xee;
	return k;
}

static void get(const char *what, int fd, int level, int opt, socklen_t n)
{
	static unsigned char b[4096];
	socklen_t len = n;
	memset(b, 0xee, sizeof b);
	result(what, getsockopt(fd, level, opt, b, &len));
	printf("  length %d, first byte %d\n", (int)len, b[0]);
	if (len < sizeof b)
		check(untouched(b + len, sizeof b - len) == (int)(sizeof b - len), "the rest untouched");
}

int main(void)
{
	int s = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), p[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair");
	get("TCP_INFO", s, IPPROTO_TCP, TCP_INFO, 200);
	get("TCP_INFO cut", s, IPPROTO_TCP, TCP_INFO, 1);
	get("SO_TYPE in 3 bytes", s, SOL_SOCKET, SO_TYPE, 3);
	get("SO_TYPE in none", s, SOL_SOCKET, SO_TYPE, 0);
	get("negative", s, SOL_SOCKET, SO_TYPE, -1);
	get("unknown", s, SOL_SOCKET, 9999, 4);
	get("SO_PEERSEC", s, SOL_SOCKET, SO_PEERSEC, 4);
	get("SO_LINGER", s, SOL_SOCKET, SO_LINGER, 64);
	get("TCP_CONGESTION", s, IPPROTO_TCP, TCP_CONGESTION, 16);

	socklen_t need = 0;
	int r = getsockopt(p[0], SOL_SOCKET, SO_PEERGROUPS, 0, &need);
	check((r == 0 && need == 0) || (r == -1 && errno == ERANGE && need % 4 == 0), "SO_PEERGROUPS tells what it needs");

	struct sock_filter code[40], back[40] = {{0}};
	for (int i = 0; i < 39; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, i);
	code[39] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 77);
	struct sock_fprog prog = {40, code};
	result("SO_ATTACH_FILTER", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog));
	socklen_t len = 40;
	result("SO_GET_FILTER", getsockopt(s, SOL_SOCKET, SO_GET_FILTER, back, &len));
	printf("%u instructions, first %u, last %u\n", len, back[1].k, back[39].k);
}
