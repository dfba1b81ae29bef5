// Mappings of one file at different offsets, overlapping, with different permissions.
#include "prog.h"

int main(void)
{
	int fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, 4 * PAGE), "ftruncate");
	char *all = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *back = mmap(0, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE);
	char *copy = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	strcpy(all + 2 * PAGE + 5, "third page");
	printf("[%s]\n", back + 5);
	printf("[%s] through the private one\n", copy + 2 * PAGE + 5);
	copy[2 * PAGE + 5] = 'T';
	strcpy(all + 2 * PAGE + 5, "changed");
	printf("[%s] [%s]\n", back + 5, copy + 2 * PAGE + 5);
	result("mprotect", mprotect(back, PAGE, PROT_READ | PROT_WRITE));
	back[0] = 'b';
	printf("%c\n", all[2 * PAGE]);
	char *ring = mmap(0, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mmap(ring, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(ring + 2 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	strcpy(ring + 2 * PAGE - 3, "around the end");
	printf("[%s] [%.3s]\n", ring + 2 * PAGE - 3 + 3, ring + 2 * PAGE - 3);
	printf("[%s]\n", ring);
}
