// mremap: grow, move, shrink, to a fixed place, contents kept.
#include "prog.h"

int main(void)
{
	char *p = pages(2, PROT_READ | PROT_WRITE);
	strcpy(p, "first"), strcpy(p + PAGE, "second");
	char *q = mremap(p, 2 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
	check(q != MAP_FAILED, "grow");
	printf("[%s] [%s] %d\n", q, q + PAGE, q[599 * PAGE]);
	strcpy(q + 599 * PAGE, "last");
	char *room = pages(700, PROT_NONE);
	char *r = mremap(q, 600 * PAGE, 600 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 10 * PAGE);
	check(r == room + 10 * PAGE, "fixed");
	printf("[%s] [%s] [%s]\n", r, r + PAGE, r + 599 * PAGE);
	check(msync(q, PAGE, 0) == -1 && errno == ENOMEM, "old place is free");
	check(mremap(r, 600 * PAGE, PAGE, 0) == r, "shrink");
	printf("[%s]\n", r);
	result("past the end", msync(r + PAGE, PAGE, 0));
	result("bad", mremap(r + 1, PAGE, PAGE, 0) == MAP_FAILED ? -1 : 0);
	r = realloc(realloc(malloc(10), 1 << 20), 50 << 20);
	check(r != 0, "realloc");
}
