// recvmsg and its kin: names, control data, truncation, and buffers at the end
// of a page behind which nothing, or nothing writable, is.
#include "prog.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

static int tx, rx;
static struct sockaddr_in to;

static void udp(void)
{
	socklen_t len = sizeof to;
	to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	rx = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	tx = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	must(bind(rx, (void *)&to, sizeof to), "bind");
	must(getsockname(rx, (void *)&to, &len), "getsockname");
	must(setsockopt(rx, IPPROTO_IP, IP_PKTINFO, &(int){1}, sizeof(int)), "IP_PKTINFO");
	must(setsockopt(rx, IPPROTO_IP, IP_TTL, &(int){1}, sizeof(int)), "IP_TTL");
}

static void say(const char *s)
{
	must(sendto(tx, s, strlen(s), 0, (void *)&to, sizeof to), "sendto");
}

// receive prints what recvmsg says and leaves in its header.
static void receive(const char *what, struct msghdr *m, int flags)
{
	result(what, recvmsg(rx, m, flags));
	printf("  namelen %u, control %zu, flags %x, parts", m->msg_namelen, m->msg_controllen, m->msg_flags);
	for (size_t i = 0; i < m->msg_iovlen; i++)
		printf(" [%.*s]", (int)strnlen(m->msg_iov[i].iov_base, m->msg_iov[i].iov_len), (char *)m->msg_iov[i].iov_base);
	printf("\n");
}

// at_end returns the last n bytes of a page followed by one with protection
// prot, or by none.
static char *at_end(size_t n, int prot)
{
	char *p = pages(2, PROT_READ | PROT_WRITE);
	memset(p, 0x5a, 2 * PAGE);
	if (prot < 0)
		must(munmap(p + PAGE, PAGE), "munmap");
	else
		must(mprotect(p + PAGE, PAGE, prot), "mprotect");
	return p + PAGE - n;
}

static void edges(void)
{
	for (int prot = -1; prot <= PROT_READ; prot++) {
		char *name = at_end(2, prot), *data = at_end(4, prot);
		socklen_t len = 2;
		result("getsockname", getsockname(rx, (void *)name, &len));
		printf("len %u family %d\n", len, *(short *)name);
		struct iovec v = {data, 4};
		struct msghdr m = {.msg_name = name, .msg_namelen = 2, .msg_iov = &v, .msg_iovlen = 1};
		say("to the edge");
		receive("cut name", &m, 0);
		len = 2;
		say("again");
		result("recvfrom", recvfrom(rx, data, 4, MSG_TRUNC, (void *)name, &len));
		printf("len %u [%.4s]\n", len, data);
		v.iov_len = 5;
		say("fault");
		result("beyond the edge", recvmsg(rx, &m, MSG_DONTWAIT));
		while (recv(rx, data, 4, MSG_DONTWAIT) >= 0)
			;
	}
	result("bad header", recvmsg(rx, (void *)8, MSG_DONTWAIT));
	struct msghdr bad = {.msg_iov = (void *)8, .msg_iovlen = 1};
	result("bad vector", recvmsg(rx, &bad, MSG_DONTWAIT));
	bad = (struct msghdr){.msg_iovlen = 5000};
	result("long vector", recvmsg(rx, &bad, MSG_DONTWAIT));
}

static void many(void)
{
	char b[4][8] = {{0}}, name[4][16] = {{0}};
	struct iovec v[4];
	struct mmsghdr m[4] = {{{0}}};
	for (int i = 0; i < 4; i++) {
		v[i] = (struct iovec){b[i], sizeof b[i]};
		m[i].msg_hdr = (struct msghdr){.msg_iov = &v[i], .msg_iovlen = 1, .msg_name = name[i], .msg_namelen = 16};
	}
	say("one");
	say("");
	say("three, too long");
	result("recvmmsg", recvmmsg(rx, m, 4, MSG_DONTWAIT, 0));
	for (int i = 0; i < 4; i++)
		printf("%u bytes [%.8s], name %u of family %d, flags %x\n", m[i].msg_len, b[i], m[i].msg_hdr.msg_namelen,
		       *(short *)name[i], m[i].msg_hdr.msg_flags);
	result("recvmmsg of none", recvmmsg(rx, m, 4, MSG_DONTWAIT, 0));
	struct timespec t = {0, 2000000};
	say("four");
	result("recvmmsg with timeout", recvmmsg(rx, m, 1, 0, &t));
	check(t.tv_sec == 0 && t.tv_nsec < 2000000, "the rest of the timeout");
	for (int i = 0; i < 4; i++)
		m[i].msg_hdr.msg_name = &to, m[i].msg_len = 77;
	result("sendmmsg", sendmmsg(tx, m, 3, 0));
	printf("lengths %u %u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len, m[3].msg_len);
}

int main(void)
{
	char a[3] = {0}, b[1] = {0}, c[64] = {0};
	_Alignas(8) char ctl[256] = {0};
	struct sockaddr_storage from;
	udp();
	struct iovec v[] = {{a, 3}, {0, 0}, {b, 1}, {c, sizeof c}};
	struct msghdr m = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = v, .msg_iovlen = 4, .msg_control = ctl, .msg_controllen = sizeof ctl};
	say("over three buffers");
	receive("whole", &m, 0);
	printf("  control %d %d %zu, address %s\n", CMSG_FIRSTHDR(&m)->cmsg_level, CMSG_FIRSTHDR(&m)->cmsg_type,
	       (size_t)CMSG_FIRSTHDR(&m)->cmsg_len, inet_ntoa(((struct in_pktinfo *)CMSG_DATA(CMSG_FIRSTHDR(&m)))->ipi_addr));
	memset(c, 0, sizeof c);
	m.msg_controllen = 20, m.msg_namelen = 4;
	say("peeked at");
	receive("peek, control cut", &m, MSG_PEEK);
	m = (struct msghdr){.msg_iov = v, .msg_iovlen = 3};
	receive("data cut", &m, MSG_TRUNC);
	m = (struct msghdr){.msg_control = ctl, .msg_controllen = 4};
	say("nowhere");
	receive("no buffers", &m, MSG_TRUNC);
	result("nothing there", recvmsg(rx, &m, MSG_DONTWAIT));
	many();
	while (recv(rx, c, sizeof c, MSG_DONTWAIT) >= 0)
		;
	edges();
}
