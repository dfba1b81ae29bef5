// flags: -O2
// 100,000 tiny calls of several kinds.
#include "prog.h"

int main(void)
{
	int p[2], fd = tmpfile_fd("0123456789abcdef", 16);
	char c = 0;
	unsigned sum = 0, ppid = getppid(), same = 1;
	must(pipe(p), "pipe");
	for (int i = 0; i < 25000; i++) {
		same &= (unsigned)getppid() == ppid;
		pread(fd, &c, 1, i & 15);
		sum = sum * 31 + c;
		c = i;
		write(p[1], &c, 1);
		read(p[0], &c, 1);
		sum = sum * 31 + c;
	}
	check(same, "getppid");
	printf("sum %u\n", sum);
}
