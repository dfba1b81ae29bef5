// mseal: sealed memory cannot be unmapped, protected or replaced, or the kernel does not know it.
#include "prog.h"

int main(void)
{
	char *p = pages(3, PROT_READ | PROT_WRITE);
	strcpy(p + PAGE, "sealed");
	if (syscall(462 /* mseal */, p + PAGE, PAGE, 0)) {
		result("mseal", -1);
		return 0;
	}
	result("munmap", munmap(p, 3 * PAGE));
	result("mprotect", mprotect(p + PAGE, PAGE, PROT_READ));
	check(mremap(p + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED, "mremap");
	check(mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED, "mmap");
	result("writing", (p[PAGE] = 'S', 0));
	result("a neighbour", munmap(p + 2 * PAGE, PAGE));
	result("again", syscall(462, p + PAGE, PAGE, 0));
	result("hole", syscall(462, p + PAGE, 2 * PAGE, 0));
	result("bad flags", syscall(462, p, PAGE, 7));
	printf("[%s]\n", p + PAGE);
}
