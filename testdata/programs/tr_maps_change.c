// /proc/self/maps follows mmap, munmap and mprotect exactly: lines appear, split, join and go.
#include "prog.h"

static int count(char *p, int n)
{
	char line[400];
	int lines = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, f)) {
		unsigned long from, to;
		sscanf(line, "%lx-%lx", &from, &to);
		lines += from < (unsigned long)p + n * PAGE && to > (unsigned long)p;
	}
	fclose(f);
	return lines;
}

int main(void)
{
	// Code that runs and changes, too: that somebody watches it must not show.
	char *p = pages(11, PROT_NONE) + PAGE;
	mprotect(p, 9 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; i < 9; i++) {
		memcpy(p + i * PAGE, "\xb8\x01\0\0\0\xc3", 6);
		((int (*)(void))(p + i * PAGE))();
	}
	printf("%d\n", count(p, 9));
	p[5 * PAGE + 1] = 2;
	printf("%d\n", count(p, 9));
	mprotect(p + 2 * PAGE, PAGE, PROT_READ);
	printf("%d\n", count(p, 9));
	munmap(p + 6 * PAGE, PAGE);
	printf("%d\n", count(p, 9));
	mprotect(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	printf("%d\n", count(p, 9));
}
