// shutdown and peers that close end the blocking reads of other threads; close of the own descriptor does not.
#include "thread.h"
#include <sys/socket.h>

static volatile int tid;

static void *reads(void *arg)
{
	char c;
	tid = gettid();
	return (void *)(read((long)arg, &c, 1) + 10);
}

int main(void)
{
	int p[2], s[2];
	must(pipe(p), "pipe");
	pthread_t t = start(reads, p[0]);
	blocked(&tid);
	close(p[1]);
	printf("last writer closed: %ld\n", join(t));

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	tid = 0;
	t = start(reads, s[0]);
	blocked(&tid);
	shutdown(s[0], SHUT_RDWR);
	printf("shut down: %ld\n", join(t));

	must(pipe(p), "pipe");
	tid = 0;
	t = start(reads, p[0]);
	blocked(&tid);
	close(p[0]);
	usleep(2000);
	check(state(tid) == 'S', "still reads");
	write(p[1], "x", 1);
	printf("closed, then written: %ld\n", join(t));
}
