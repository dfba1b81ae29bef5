// select and pselect6: sets, timeouts that count down, sparse descriptors.
#include "prog.h"
#include <sys/select.h>

int main(void)
{
	int p[2];
	fd_set r, w, e;
	must(pipe(p), "pipe");
	dup2(p[0], 200);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(200, &r), FD_SET(p[0], &r), FD_SET(p[1], &w), FD_SET(p[0], &e);
	struct timeval tv = {3, 0};
	result("select", select(201, &r, &w, &e, &tv));
	printf("%d %d %d %d\n", FD_ISSET(200, &r), FD_ISSET(p[0], &r), FD_ISSET(p[1], &w), FD_ISSET(p[0], &e));
	check(tv.tv_sec == 2 || tv.tv_sec == 3, "time left");
	write(p[1], "x", 1);
	FD_ZERO(&r);
	FD_SET(200, &r);
	struct timespec ts = {1, 0};
	result("pselect", pselect(201, &r, 0, 0, &ts, 0));
	printf("%d\n", FD_ISSET(200, &r));
	char c;
	read(200, &c, 1);
	FD_ZERO(&r);
	FD_SET(200, &r);
	tv = (struct timeval){0, 5000};
	result("select timeout", select(201, &r, 0, 0, &tv));
	printf("%d, left %ld.%06ld\n", FD_ISSET(200, &r), tv.tv_sec, tv.tv_usec);
	close(200);
	FD_SET(200, &r);
	result("select closed", select(201, &r, 0, 0, &tv));
	tv = (struct timeval){0, 2000};
	result("select as a sleep", select(0, 0, 0, 0, &tv));
	result("select negative", select(-1, 0, 0, 0, &tv));
}
