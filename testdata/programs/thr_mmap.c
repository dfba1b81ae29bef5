// Threads that map, write, protect and unmap at the same time.
#include "thread.h"

static void *maps(void *arg)
{
	long me = (long)arg, bad = 0;
	for (int i = 0; i < 150; i++) {
		char *p = pages(1 + i % 7, PROT_READ | PROT_WRITE);
		p[0] = me, p[(1 + i % 7) * PAGE - 1] = i;
		mprotect(p, PAGE, PROT_READ);
		sched_yield();
		bad += p[0] != me || (1 + i % 7 > 1 && p[PAGE] != (i % 7 == 0 ? i : 0));
		bad += munmap(p, (1 + i % 7) * PAGE) != 0;
	}
	return (void *)bad;
}

int main(void)
{
	printf("bad %ld\n", crowd(5, maps));
}
