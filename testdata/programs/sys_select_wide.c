// select with far more descriptors than there are, on a set at the end of
// memory: the kernel looks no further than the process's table.
#include "prog.h"
#include <sys/resource.h>
#include <sys/select.h>

int main(void)
{
	char *p = pages(2, PROT_READ | PROT_WRITE);
	must(munmap(p + PAGE, PAGE), "munmap");
	fd_set *set = (void *)(p + PAGE - sizeof(fd_set));
	int q[2];
	must(pipe(q), "pipe");
	must(write(q[1], "x", 1), "write");
	memset(set, 0, sizeof *set);
	FD_SET(q[0], set);
	struct timeval t = {1, 0};
	result("select", select(1 << 20, set, 0, 0, &t));
	printf("set: %d, time left: %d\n", FD_ISSET(q[0], set) != 0, t.tv_sec == 1 || t.tv_usec > 0);
	FD_ZERO(set);
	t = (struct timeval){0, 1000};
	result("select of none", select(1 << 20, set, 0, 0, &t));
	printf("time left %ld %ld\n", t.tv_sec, t.tv_usec);
	result("select, set out of reach", select(1 << 20, (void *)8, 0, 0, &t));
	result("select, negative", select(-1, set, 0, 0, &t));
}
