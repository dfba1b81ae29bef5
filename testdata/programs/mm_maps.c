// /proc/self/maps shows the stack, the heap, our own code, and a new mapping.
#include "prog.h"

static int find(void *addr, char *prot, char *path)
{
	unsigned long lo, hi;
	char line[4300];
	FILE *f = fopen("/proc/self/maps", "r");
	int found = 0;
	while (!found && fgets(line, sizeof line, f)) {
		*path = 0;
		sscanf(line, "%lx-%lx %4s %*s %*s %*s %4095s", &lo, &hi, prot, path);
		found = lo <= (uintptr_t)addr && (uintptr_t)addr < hi;
	}
	fclose(f);
	return found;
}

int main(void)
{
	char prot[8], path[4096], exe[4096] = {0};
	must(readlink("/proc/self/exe", exe, sizeof exe - 1), "readlink");
	check(find(main, prot, path) && !strcmp(path, exe) && prot[2] == 'x', "code");
	check(find(prot, prot, path) && !strcmp(path, "[stack]"), "stack");
	check(find(sbrk(0) - 1, prot, path) && !strcmp(path, "[heap]"), "heap");
	char *p = pages(2, PROT_READ | PROT_WRITE);
	mprotect(p, PAGE, PROT_NONE);
	find(p, prot, path);
	printf("%s\n", prot);
	find(p + PAGE, prot, path);
	printf("%s\n", prot);
	munmap(p, 2 * PAGE);
	check(!find(p, prot, path), "gone");
	check(find(printf, prot, path) && strstr(path, "libc"), "libc");
}
