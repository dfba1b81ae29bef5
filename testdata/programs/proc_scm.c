// Descriptors and credentials sent between processes over a UNIX socket.
#include "prog.h"
#include <sys/socket.h>

static int transfer(int s, int fd, struct ucred *cred)
{
	char c = 'x';
	struct iovec iov = {&c, 1};
	union {
		char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} u = {0};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room};
	if (fd >= 0) {
		m.msg_controllen = CMSG_SPACE(sizeof fd);
		struct cmsghdr *h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(h), &fd, sizeof fd);
		return sendmsg(s, &m, 0);
	}
	must(recvmsg(s, &m, MSG_CMSG_CLOEXEC), "recvmsg");
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
		if (h->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(h), sizeof fd);
		else if (h->cmsg_type == SCM_CREDENTIALS)
			memcpy(cred, CMSG_DATA(h), sizeof *cred);
	return fd;
}

int main(void)
{
	int s[2], st;
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), "socketpair");
	setsockopt(s[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		int fd = tmpfile_fd("from the child", 14);
		must(transfer(s[1], fd, 0), "sendmsg");
		_exit(0);
	}
	struct ucred cred = {0};
	int fd = transfer(s[0], -1, &cred);
	char text[32] = {0};
	result("read", read(fd, text, sizeof text));
	printf("[%s]\n", text);
	check(cred.pid == pid && cred.uid == getuid(), "credentials");
	check(fcntl(fd, F_GETFD) == FD_CLOEXEC, "close-on-exec");
	waitpid(pid, &st, 0);
}
