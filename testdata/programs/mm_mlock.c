// mlock, mlock2, mlockall, munlock: limits, holes, pages that become resident.
#include "prog.h"
#include <sys/resource.h>

int main(void)
{
	char *p = pages(8, PROT_READ | PROT_WRITE);
	unsigned char v[8];
	result("mlock", mlock(p, 2 * PAGE));
	mincore(p, 4 * PAGE, v);
	printf("resident %d%d%d%d\n", v[0] & 1, v[1] & 1, v[2] & 1, v[3] & 1);
	result("mlock2 on fault", mlock2(p + 2 * PAGE, 2 * PAGE, MLOCK_ONFAULT));
	mincore(p, 4 * PAGE, v);
	printf("resident %d%d%d%d\n", v[0] & 1, v[1] & 1, v[2] & 1, v[3] & 1);
	result("DONTNEED of locked pages", madvise(p, PAGE, MADV_DONTNEED));
	result("munlock", munlock(p, 4 * PAGE));
	result("DONTNEED", madvise(p, PAGE, MADV_DONTNEED));
	munmap(p + 5 * PAGE, PAGE);
	result("hole", mlock(p + 4 * PAGE, 3 * PAGE));
	result("bad flags", mlock2(p, PAGE, 99));
	result("mlockall", mlockall(MCL_FUTURE));
	char *q = pages(1, PROT_READ | PROT_WRITE);
	mincore(q, PAGE, v);
	printf("future resident %d\n", v[0] & 1);
	result("munlockall", munlockall());
	result("bad flags", mlockall(0));
}
