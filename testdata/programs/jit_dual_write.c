// Code in a memfd, mapped executable, written by write() and by a mapping in a child.
#include "jit.h"

int main(void)
{
	int fd = must(memfd_create("code", 0), "memfd_create"), st;
	unsigned char buf[16];
	must(ftruncate(fd, PAGE), "ftruncate");
	unsigned char *rx = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	long bad = 0;
	for (int i = 0; i < 50; i++) {
		long n = constant(buf, i) - buf;
		must(pwrite(fd, buf, n, 0), "pwrite");
		bad += call(rx, 1) != i + 1;
	}
	printf("bad %ld\n", bad);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		unsigned char *rw = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		constant(rw, 4711);
		_exit(call(rx, 0) == 4711);
	}
	waitpid(pid, &st, 0);
	printf("child %d, parent %ld\n", WEXITSTATUS(st), call(rx, 0));
}
