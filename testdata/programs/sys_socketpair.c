// Datagrams and streams over socketpairs: truncation, descriptors, vectors.
#include "prog.h"
#include <sys/socket.h>
#include <sys/un.h>

static void pass_descriptor(int a, int b)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr h;
	} ctl = {0};
	char byte = 'F', in[16] = {0};
	struct iovec iov = {&byte, 1}, iin = {in, sizeof in};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ctl, .msg_controllen = sizeof ctl};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int));
	int fd = tmpfile_fd("through a socket", 16), got = -1;
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	result("sendmsg", sendmsg(a, &m, 0));
	memset(&ctl, 0, sizeof ctl);
	m.msg_iov = &iin, m.msg_controllen = sizeof ctl;
	result("recvmsg", recvmsg(b, &m, MSG_CMSG_CLOEXEC));
	printf("data %s, control %zu, flags %x\n", in, m.msg_controllen, m.msg_flags & ~MSG_CMSG_CLOEXEC);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
	check(got != fd && got >= 0, "another descriptor");
	memset(in, 0, sizeof in);
	result("pread of it", pread(got, in, 15, 0));
	printf("[%s]\n", in);
}

int main(void)
{
	int s[2], d[2], v = -1;
	char buf[16] = {0}, b1[8] = {0}, b2[8] = {0};
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, d), "socketpair");
	result("send", send(d[0], "0123456789", 10, 0));
	result("recv truncated", recv(d[1], buf, 4, MSG_TRUNC));
	printf("[%.4s]\n", buf);
	result("recv empty", recv(d[1], buf, 4, MSG_DONTWAIT));
	struct sockaddr_un un;
	socklen_t len = sizeof un;
	result("getsockname", getsockname(d[1], (void *)&un, &len));
	printf("len %u family %d\n", len, un.sun_family);
	len = 1;
	memset(&un, 0x55, sizeof un);
	result("getpeername cut", getpeername(d[1], (void *)&un, &len));
	printf("len %u byte %x\n", len, ((unsigned char *)&un)[1]);
	len = sizeof v;
	result("getsockopt", getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len));
	printf("type %d len %u\n", v, len);
	result("setsockopt", setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &(int){0}, sizeof(int)));
	pass_descriptor(s[0], s[1]);
	struct iovec i1 = {b1, 8}, i2 = {b2, 8}, o1 = {"first", 5}, o2 = {"second", 6};
	struct mmsghdr out[2] = {{.msg_hdr = {.msg_iov = &o1, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &o2, .msg_iovlen = 1}}};
	struct mmsghdr in[3] = {{.msg_hdr = {.msg_iov = &i1, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &i2, .msg_iovlen = 1}}};
	result("sendmmsg", sendmmsg(d[0], out, 2, 0));
	printf("lengths %u %u\n", out[0].msg_len, out[1].msg_len);
	result("recvmmsg", recvmmsg(d[1], in, 3, MSG_DONTWAIT, 0));
	printf("lengths %u %u [%.8s] [%.8s]\n", in[0].msg_len, in[1].msg_len, b1, b2);
	result("shutdown", shutdown(s[0], SHUT_WR));
	result("recv after shutdown", recv(s[1], buf, sizeof buf, 0));
}
