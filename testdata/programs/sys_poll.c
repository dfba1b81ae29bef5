// poll and ppoll: ready, hung up, invalid, timed out, interrupted.
#include "prog.h"
#include <poll.h>
#include <time.h>

static void alarmed(int sig) { (void)sig; }

int main(void)
{
	int p[2];
	must(pipe(p), "pipe");
	struct pollfd f[] = {{p[0], POLLIN, 0x55}, {p[1], POLLOUT, 0x55}, {-1, POLLIN, 0x55}, {77, POLLIN, 0x55}};
	result("poll", poll(f, 4, 0));
	for (int i = 0; i < 4; i++)
		printf("%x ", f[i].revents);
	puts("");
	write(p[1], "x", 1);
	result("poll ready", poll(f, 1, 1000));
	printf("%x\n", f[0].revents);
	struct timespec ts = {5, 0};
	result("ppoll", syscall(SYS_ppoll, f, 1, &ts, 0, 8));
	check(ts.tv_sec < 5 || ts.tv_nsec == 0, "remaining time written");
	char c;
	read(p[0], &c, 1);
	result("poll timeout", poll(f, 1, 5));
	printf("%x\n", f[0].revents);
	signal(SIGALRM, alarmed);
	ualarm(20000, 0);
	f[0].revents = 0x55;
	result("poll interrupted", poll(f, 1, 5000));
	printf("%x\n", f[0].revents);
	close(p[1]);
	result("poll hung up", poll(f, 1, -1));
	printf("%x\n", f[0].revents);
	result("poll too many", syscall(SYS_poll, f, 1u << 30, 0));
}
