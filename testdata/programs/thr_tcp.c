// A TCP server with a thread for each connection, and its clients, in one process.
#include "thread.h"
#include <netinet/in.h>
#include <sys/socket.h>

static struct sockaddr_in at = {.sin_family = AF_INET};

static void *echo(void *arg)
{
	int fd = (long)arg;
	char buf[512];
	long n, sum = 0;
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		sum += n;
		for (long done = 0; done < n; done += write(fd, buf + done, n - done))
			;
	}
	close(fd);
	return (void *)sum;
}

static void *serve(void *arg)
{
	pthread_t t[5];
	long sum = 0;
	for (int i = 0; i < 5; i++)
		t[i] = start(echo, must(accept((long)arg, 0, 0), "accept"));
	for (int i = 0; i < 5; i++)
		sum += join(t[i]);
	return (void *)sum;
}

static void *client(void *arg)
{
	int fd = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	char out[1000], in[1000];
	long bad = 0;
	must(connect(fd, (void *)&at, sizeof at), "connect");
	for (int i = 0; i < 10; i++) {
		memset(out, i + (long)arg, sizeof out);
		must(write(fd, out, sizeof out), "write");
		bad += recv(fd, in, sizeof in, MSG_WAITALL) != sizeof in || memcmp(in, out, sizeof in);
	}
	close(fd);
	return (void *)bad;
}

int main(void)
{
	socklen_t len = sizeof at;
	int fd = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(bind(fd, (void *)&at, sizeof at), "bind");
	must(listen(fd, 10), "listen");
	getsockname(fd, (void *)&at, &len);
	pthread_t s = start(serve, fd);
	printf("bad %ld\n", crowd(5, client));
	printf("echoed %ld\n", join(s));
}
