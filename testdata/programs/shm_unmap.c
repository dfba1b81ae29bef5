// Aliases that come and go: writes through one are there after the other was unmapped and mapped again.
#include "prog.h"

int main(void)
{
	int fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, PAGE), "ftruncate");
	volatile long *keep = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	long bad = 0;
	for (int i = 0; i < 200; i++) {
		volatile long *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		bad += p[0] != i;
		p[0]++;
		bad += keep[0] != i + 1;
		if (i % 3 == 0)
			mprotect((void *)p, PAGE, PROT_READ);
		keep[1] = i;
		bad += p[1] != i;
		munmap((void *)p, PAGE);
	}
	printf("bad %ld, last %ld\n", bad, keep[0]);
}
