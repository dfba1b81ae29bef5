// Between the program and its libraries there is nothing that the program did not map.
#include "prog.h"

int main(void)
{
	char line[400];
	unsigned long from, to, heap = (unsigned long)sbrk(0), bottom = ~0ul;
	char *lowest = mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long libraries = (unsigned long)lowest & ~0xffffffffful;
	int between = 0, below = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, f)) {
		sscanf(line, "%lx-%lx", &from, &to);
		if (bottom == ~0ul)
			bottom = from;
		below += to <= bottom;
		between += from > heap + (64 << 20) && to < libraries;
	}
	fclose(f);
	printf("below %d between %d\n", below, between);
}
