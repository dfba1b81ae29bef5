// System calls of the 32-bit kind, by int $0x80, from 64-bit code.
#include "prog.h"

static long int80(long nr, long b, long c, long d)
{
	long r;
	asm volatile("int $0x80" : "=a"(r) : "0"(nr), "b"(b), "c"(c), "d"(d) : "r8", "r9", "r10", "r11", "memory");
	return r;
}

int main(void)
{
	long r = int80(20 /* getpid */, 0, 0, 0);
	if (r == -ENOSYS) {
		puts("none");
		return 0;
	}
	check(r == getpid(), "getpid");
	char *low = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	strcpy(low, "by the 32-bit write\n");
	fflush(stdout);
	printf("%ld\n", int80(4 /* write */, 1, (long)low, 20));
	printf("%ld\n", int80(6 /* close */, 99, 0, 0));
	int p[2];
	must(pipe(p), "pipe");
	write(p[1], "abc", 3);
	printf("%ld\n", int80(3 /* read */, p[0], (long)low, 10));
	printf("[%.3s]\n", low);
	printf("%ld\n", int80(9999, 0, 0, 0));
}
