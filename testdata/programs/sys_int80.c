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
	int p[2];
	must(pipe(p), "pipe");
	strcpy(low, "by the 32-bit write");
	printf("%ld\n", int80(4 /* write */, p[1], (long)low, 19));
	printf("%ld\n", int80(6 /* close */, 99, 0, 0));
	memset(low, 0, 100);
	printf("%ld\n", int80(3 /* read */, p[0], (long)low, 30));
	printf("[%s]\n", low);
	check(int80(122 /* uname */, (long)low, 0, 0) == 0 && !strcmp(low, "Linux"), "uname");
	check(int80(13 /* time */, (long)low, 0, 0) == *(unsigned *)low, "time");
	printf("%ld\n", int80(9999, 0, 0, 0));
}
