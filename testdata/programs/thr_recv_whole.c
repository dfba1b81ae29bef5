// A thread waits with MSG_WAITALL for what another process sends in small pieces, while
// others sleep and wake.
#include "thread.h"
#include <sys/socket.h>
#include <sys/wait.h>

enum { size = 4000, piece = 200, rounds = 60 };
static volatile int going = 1;

static void *compute(void *arg)
{
	while (going) {
		usleep(3000);
		for (volatile int work = 0; work < 400000; work++)
			;
	}
	return 0;
}

static void feed(int fd)
{
	char p[piece];
	for (int i = 0; i < rounds * size / piece; i++) {
		memset(p, i % (size / piece) + i / (size / piece), piece);
		must(write(fd, p, piece), "write");
		usleep(300);
	}
	_exit(0);
}

int main(void)
{
	static char all[size];
	int ends[2];
	long bad = 0;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	pid_t pid = must(fork(), "fork");
	if (!pid)
		feed(ends[1]);
	pthread_t c[2];
	for (int i = 0; i < 2; i++)
		c[i] = start(compute, i);
	for (int round = 0; round < rounds; round++) {
		bad += recv(ends[0], all, size, MSG_WAITALL) != size;
		for (int i = 0; i < size; i++)
			bad += all[i] != (char)(i / piece + round);
	}
	going = 0;
	for (int i = 0; i < 2; i++)
		join(c[i]);
	waitpid(pid, 0, 0);
	printf("bad %ld\n", bad);
}
