// Code that is unmapped, and other code mapped at the same place.
#include "jit.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	long bad = 0;
	for (int i = 0; i < 200; i++) {
		constant(p, i);
		bad += call(p, 0) != i;
		must(munmap(p, PAGE), "munmap");
		bad += mmap(p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != p;
		bad += *p != 0;
	}
	printf("bad %ld\n", bad);
	for (int i = 0; i < 50; i++) { // over it, without unmapping
		constant(p, -i);
		bad += call(p, 0) != -i;
		mmap(p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	}
	for (int i = 0; i < 50; i++) { // dropped by madvise
		constant(p, i);
		bad += call(p, 0) != i;
		madvise(p, PAGE, MADV_DONTNEED);
		bad += *p != 0;
	}
	printf("bad %ld\n", bad);
}
