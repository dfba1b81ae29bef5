// /proc/self/smaps of the program's own pages: sizes, resident, dirty, flags.
#include "prog.h"

int main(void)
{
	char line[400], flags[200] = {0};
	char *p = pages(12, PROT_NONE) + PAGE;
	mprotect(p, 10 * PAGE, PROT_READ | PROT_WRITE);
	madvise(p, 10 * PAGE, MADV_NOHUGEPAGE);
	madvise(p, 10 * PAGE, MADV_DONTFORK);
	for (int i = 0; i < 4; i++)
		p[i * 2 * PAGE] = 1;
	FILE *f = fopen("/proc/self/smaps", "r");
	int in = 0;
	long size = 0, rss = 0, dirty = 0, anon = 0;
	while (fgets(line, sizeof line, f)) {
		unsigned long from, to;
		char colon;
		if (sscanf(line, "%lx-%lx %c", &from, &to, &colon) == 3)
			in = from == (unsigned long)p;
		if (!in)
			continue;
		sscanf(line, "Size: %ld", &size), sscanf(line, "Rss: %ld", &rss);
		sscanf(line, "Private_Dirty: %ld", &dirty), sscanf(line, "Anonymous: %ld", &anon);
		sscanf(line, "VmFlags: %199[^\n]", flags);
	}
	printf("size %ld resident %ld dirty %ld anonymous %ld\n", size, rss, dirty, anon);
	printf("rd %d wr %d ex %d dc %d sh %d\n", !!strstr(flags, "rd"), !!strstr(flags, "wr"), !!strstr(flags, "ex"),
		!!strstr(flags, "dc"), !!strstr(flags, "sh"));
	printf("userfaultfd %d\n", strstr(flags, "uw") || strstr(flags, "um") || strstr(flags, "ui"));
}
