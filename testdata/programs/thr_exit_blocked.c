// main returns while threads sit in read, poll, accept, sleep, futex and sigsuspend.
#include "thread.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static volatile int tids[7];
static int p[2], listening;

static void *blocks(void *arg)
{
	char c;
	sigset_t none;
	struct pollfd pfd = {p[0], POLLIN};
	static int word;
	long me = (long)arg;
	tids[me] = gettid();
	switch (me) {
	case 0: read(p[0], &c, 1); break;
	case 1: poll(&pfd, 1, -1); break;
	case 2: accept(listening, 0, 0); break;
	case 3: sleep(100); break;
	case 4: futex(&word, FUTEX_WAIT, 0, 0, 0, 0); break;
	case 5: sigemptyset(&none), sigsuspend(&none); break;
	case 6: wait(0), pause(); break;
	}
	puts("never");
	return 0;
}

int main(void)
{
	must(pipe(p), "pipe");
	listening = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	must(listen(listening, 1), "listen");
	for (int i = 0; i < 7; i++)
		start(blocks, i);
	for (int i = 0; i < 7; i++)
		blocked(&tids[i]);
	puts("all blocked");
	return 9;
}
