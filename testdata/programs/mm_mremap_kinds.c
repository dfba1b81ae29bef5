// mremap in all kinds: in place, over a neighbour, DONTUNMAP, several mappings, too large, read-only ones.
#include "prog.h"

static const char *name(void *p, void *old)
{
	return p == MAP_FAILED ? strerrorname_np(errno) : p == old ? "in place" : "moved";
}

int main(void)
{
	char *room = pages(20, PROT_NONE);
	must(mprotect(room, 2 * PAGE, PROT_READ | PROT_WRITE), "mprotect");
	strcpy(room, "first"), strcpy(room + PAGE, "second");
	munmap(room + 2 * PAGE, 18 * PAGE);
	printf("room behind: %s\n", name(mremap(room, 2 * PAGE, 4 * PAGE, 0), room));
	printf("%d\n", room[3 * PAGE]);
	mmap(room + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("no room: %s\n", name(mremap(room, 4 * PAGE, 8 * PAGE, 0), room));
	char *p = mremap(room, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	printf("may move: %s [%s] [%s]\n", name(p, room), p, p + PAGE);
	char *q = mremap(p, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	printf("dontunmap: %s [%s], left [%s]\n", name(q, p), q, p);
	strcpy(p, "again");
	printf("[%s] [%s]\n", p, q);
	char *over = pages(10, PROT_READ | PROT_WRITE);
	memset(over, 'x', 10 * PAGE);
	char *r = mremap(q, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, over + 4 * PAGE);
	printf("over others: %d [%s] %c %c\n", r == over + 4 * PAGE, r, over[4 * PAGE - 1], over[7 * PAGE]);
	printf("overlap: %s\n", name(mremap(r, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r + PAGE), r));
	printf("unaligned: %s\n", name(mremap(r, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, r + 1), r));
	printf("hole: %s\n", name(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE), q));
	printf("size 0: %s\n", name(mremap(r, PAGE, 0, MREMAP_MAYMOVE), r));
	printf("old size 0 of private: %s\n", name(mremap(r, 0, PAGE, MREMAP_MAYMOVE), r));
	printf("huge: %s\n", name(mremap(r, PAGE, 1L << 47, MREMAP_MAYMOVE), r));
	printf("part: %s [%s]\n", name(mremap(r + PAGE, PAGE, PAGE, 0), r + PAGE), r + PAGE);
}
