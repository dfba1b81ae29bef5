// SIGPIPE: fatal, ignored, handled, and suppressed by MSG_NOSIGNAL.
#include "prog.h"
#include <sys/socket.h>

static volatile int n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	n++;
}

int main(void)
{
	int p[2], s[2], st;
	must(pipe(p), "pipe"), must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	close(p[0]), close(s[0]);
	if (!must(fork(), "fork")) {
		write(p[1], "x", 1);
		_exit(1);
	}
	wait(&st);
	printf("signal %d\n", WTERMSIG(st));
	handle(SIGPIPE, handler, 0);
	result("write", write(p[1], "x", 1));
	result("send", send(s[1], "x", 1, 0));
	printf("handled %d\n", n);
	result("MSG_NOSIGNAL", send(s[1], "x", 1, MSG_NOSIGNAL));
	printf("handled %d\n", n);
	signal(SIGPIPE, SIG_IGN);
	result("ignored", write(p[1], "x", 1));
}
