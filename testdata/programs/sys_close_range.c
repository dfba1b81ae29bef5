// close_range: parts, holes, the close-on-exec flag, a table of its own, errors.
#include "prog.h"
#include <linux/close_range.h>

static void show(void)
{
	for (int fd = 10; fd < 20; fd++) {
		int f = fcntl(fd, F_GETFD);
		putchar(f == -1 ? '-' : f ? 'x' : 'o');
	}
	puts("");
}

int main(void)
{
	close_range(3, ~0u, 0);
	for (int fd = 10; fd < 20; fd++)
		if (fd != 14)
			dup2(1, fd);
	show();
	result("part", close_range(12, 15, 0));
	show();
	result("close-on-exec", close_range(16, 17, CLOSE_RANGE_CLOEXEC));
	show();
	result("unshare", close_range(18, 18, CLOSE_RANGE_UNSHARE));
	show();
	result("all above", close_range(17, ~0u, 0));
	show();
	result("backwards", close_range(5, 4, 0));
	result("bad flags", close_range(5, 6, 99));
}
