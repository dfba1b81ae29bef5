// Shared memory that may only be written is read all the same, as the CPU allows, and often.
#include "prog.h"

int main(void)
{
	int fd = memfd_create("write-only", 0);
	must(ftruncate(fd, PAGE), "ftruncate");
	volatile int *w = mmap(0, PAGE, PROT_WRITE, MAP_SHARED, fd, 0);
	volatile int *r = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	long sum = 0;
	for (int i = 0; i < 20000; i++) {
		w[i % 1000] = i;
		w[1001] += w[i % 1000];
		sum += r[(i + 500) % 1000];
	}
	printf("%d %ld %lx\n", r[1001], sum, hash((void *)r, PAGE));
	printf("%s\n", access_of((char *)w));
}
