// Code changed through /proc/self/mem in each way: positions, pieces, in the program's own text, under way, by a child for itself.
#include "jit.h"
#include <sys/uio.h>

static int fd;

__attribute__((noinline, aligned(64))) static long own(long v)
{
	__asm__ volatile("nop;nop;nop;nop;nop;nop;nop;nop;nop;nop" : "+r"(v));
	return v + 1;
}

// patched writes to the code that calls it: the next instructions are new.
__attribute__((noinline)) static long patched(unsigned char *at, int v)
{
	unsigned char buf[8];
	constant(buf, v);
	if (pwrite(fd, buf, 8, (long)at) != 8)
		return -1;
	return call(at, 1);
}

int main(void)
{
	unsigned char buf[16], *p = (void *)pages(4, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; i < 4; i++)
		constant(p + i * PAGE, i);
	constant(p + PAGE - 3, 77); // over the end of a page
	must(mprotect(p, 4 * PAGE, PROT_READ | PROT_EXEC), "mprotect");
	fd = must(open("/proc/self/mem", O_RDWR), "open");
	long sum = 0;
	for (int round = 0; round < 30; round++) {
		constant(buf, 100 + round);
		lseek(fd, (long)p, SEEK_SET);
		write(fd, buf, 8);
		struct iovec v[3] = {{buf, 3}, {buf + 3, 4}, {buf + 7, 1}};
		lseek(fd, (long)p + 2 * PAGE, SEEK_SET);
		writev(fd, v, 3);
		pwritev(fd, v, 3, (long)p + 3 * PAGE);
		constant(buf, 200 + round);
		pwrite(fd, buf, 8, (long)p + PAGE - 3);
		sum = sum * 7 + call(p, 0) + call(p + 2 * PAGE, 1) + call(p + 3 * PAGE, 2) + call(p + PAGE - 3, 3);
	}
	printf("%ld\n", sum);
	printf("%ld\n", own(1));
	constant(buf, 1000);
	result("own text", pwrite(fd, buf, 8, (long)own));
	printf("%ld\n", own(1));
	result("drop", madvise((void *)((long)own & -PAGE), PAGE, MADV_DONTNEED));
	printf("%ld\n", own(1));
	for (int i = 0; i < 5; i++)
		printf("%ld ", patched(p, i));
	puts("");
	fflush(stdout);
	// A child's descriptor is of the child's memory if it opens it, of the parent's if it has it from there.
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		int mine = must(open("/proc/self/mem", O_RDWR), "open");
		constant(buf, 5000);
		must(pwrite(mine, buf, 8, (long)p), "pwrite");
		_exit(call(p, 0) == 5000 ? 11 : 12);
	}
	int st;
	waitpid(pid, &st, 0);
	printf("child %d, own %ld\n", WEXITSTATUS(st), call(p, 0));
	// Pages that are writable, too: some with data beside.
	unsigned char *w = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	sum = 0;
	for (int i = 0; i < 40; i++) {
		constant(buf, i);
		pwrite(fd, buf, 8, (long)w);
		sum = sum * 3 + call(w, 0);
		if (i % 4 == 0)
			w[2048] = i;
		if (i % 5 == 0)
			constant(w, -i), sum += call(w, 0);
	}
	printf("%ld %d\n", sum, w[2048]);
}
