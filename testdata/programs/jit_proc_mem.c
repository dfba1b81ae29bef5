// Code changed through /proc/self/mem, also where the page is not writable.
#include "jit.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC), buf[8];
	constant(p, 1);
	printf("%ld\n", call(p, 0));
	must(mprotect(p, PAGE, PROT_READ | PROT_EXEC), "mprotect");
	printf("%ld\n", call(p, 0));
	int fd = must(open("/proc/self/mem", O_RDWR), "open");
	for (int i = 2; i < 6; i++) {
		constant(buf, i);
		result("pwrite", pwrite(fd, buf, 8, (long)p));
		printf("%ld\n", call(p, 0));
	}
	memset(buf, 0, 8);
	result("pread", pread(fd, buf, 8, (long)p));
	printf("%d\n", *(int *)(buf + 3));
}
