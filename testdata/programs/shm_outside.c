// Memory shared with a program that changes a file: dd writes what the mapping shows.
#include "prog.h"

int main(void)
{
	char name[] = "/tmp/programXXXXXX", line[200];
	int fd = must(mkstemp(name), "mkstemp");
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	strcpy(p, "from here");
	for (int i = 0; i < 3; i++) {
		snprintf(line, sizeof line, "printf 'outside %d' | dd of=%s bs=1 seek=%d conv=notrunc 2>/dev/null", i, name, 4096 + 100 * i);
		result("system", system(line));
		printf("[%s]\n", p + PAGE + 100 * i);
	}
	snprintf(line, sizeof line, "head -c 9 %s; echo", name);
	fflush(stdout);
	system(line);
	unlink(name);
}
