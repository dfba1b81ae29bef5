// A thousand mappings, each of its own; released in another order; the rest intact.
#include "prog.h"

int main(void)
{
	static char *p[1000];
	char *room = pages(3000, PROT_NONE);
	for (int i = 0; i < 1000; i++) {
		p[i] = room + i * 3 * PAGE;
		must(mprotect(p[i], PAGE, i % 2 ? PROT_READ | PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC), "mprotect");
		memset(p[i], i, PAGE);
	}
	int lines = 0, c;
	FILE *f = fopen("/proc/self/maps", "r");
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	check(lines >= 2000, "maps lists them");
	long bad = 0;
	for (int i = 0, k = 0; i < 500; i++, k = (k + 377) % 1000)
		munmap(p[k], PAGE), p[k] = 0;
	for (int i = 0; i < 1000; i++)
		if (p[i])
			for (int j = 0; j < PAGE; j += 512)
				bad += p[i][j] != (char)i;
	printf("bad %ld\n", bad);
	for (int i = 0; i < 1000; i++)
		if (!p[i])
			bad += msync(room + i * 3 * PAGE, PAGE, MS_ASYNC) != -1;
	printf("bad %ld\n", bad);
}
