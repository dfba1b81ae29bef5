// Anonymous shared memory inside one process: like private memory, also moved and grown.
#include "prog.h"

int main(void)
{
	char *p = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 4 * PAGE; i++)
		p[i] = i * 5;
	printf("%016lx\n", hash(p, 4 * PAGE));
	char *q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	printf("%s\n", q == MAP_FAILED ? strerrorname_np(errno) : "moved");
	// Old size 0 makes a second mapping of shared memory.
	char *twin = mremap(p, 0, 4 * PAGE, MREMAP_MAYMOVE);
	check(twin != MAP_FAILED && twin != p, "a twin");
	twin[10] = 99;
	printf("%d\n", p[10]);
	p[3 * PAGE] = 77;
	printf("%d\n", twin[3 * PAGE]);
	result("madvise", madvise(p, PAGE, MADV_DONTNEED));
	printf("kept: %d\n", p[10]);
	result("madvise", madvise(p, PAGE, MADV_REMOVE));
	printf("removed: %d %d\n", p[10], twin[10]);
	munmap(p, 4 * PAGE);
	printf("%d\n", twin[3 * PAGE]);
}
