// A server thread and clients over socket pairs: requests, answers, shutdown seen as end.
#include "thread.h"
#include <sys/socket.h>

static void *serve(void *arg)
{
	long served = 0, v;
	while (recv((long)arg, &v, sizeof v, 0) > 0) {
		v = v * v;
		send((long)arg, &v, sizeof v, MSG_NOSIGNAL);
		served++;
	}
	return (void *)served;
}

static void *client(void *arg)
{
	int s[2];
	long sum = 0, v;
	must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), "socketpair");
	pthread_t t = start(serve, s[1]);
	for (long i = 0; i < 50; i++) {
		v = i + (long)arg;
		send(s[0], &v, sizeof v, 0);
		recv(s[0], &v, sizeof v, 0);
		sum += v;
	}
	shutdown(s[0], SHUT_WR);
	sum += 1000000 * join(t);
	close(s[0]), close(s[1]);
	return (void *)sum;
}

int main(void)
{
	printf("%ld\n", crowd(4, client));
}
