// Every descriptor number from 3 up is closed at the start, whatever way the program asks.
#include "prog.h"
#include <poll.h>
#include <sys/resource.h>

int main(void)
{
	struct rlimit rl;
	getrlimit(RLIMIT_NOFILE, &rl);
	long max = rl.rlim_cur > 5000 ? 5000 : rl.rlim_cur, open_ones = 0, others = 0;
	for (int fd = 3; fd < max; fd++) {
		open_ones += fcntl(fd, F_GETFD) != -1;
		char path[40], to[200];
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		others += readlink(path, to, sizeof to) != -1;
	}
	static struct pollfd p[1000];
	for (int i = 0; i < 1000; i++)
		p[i].fd = i + 3;
	long invalid = poll(p, max < 1003 ? max - 3 : 1000, 0);
	printf("open %ld named %ld valid for poll %ld\n", open_ones, others, (max < 1003 ? max - 3 : 1000) - invalid);
	result("close_range", close_range(3, ~0u, 0));
	result("then", open("/dev/null", O_RDONLY));
}
