// /proc/self/maps shows only what the program, its loader and the kernel mapped.
#include "prog.h"

static char *mine[10];

int main(void)
{
	char line[400], path[300], perms[8];
	unsigned long from, to, last = 0, off, ino;
	unsigned dmaj, dmin;
	int strange = 0, unordered = 0, found = 0, writable_code = 0;
	for (int i = 0; i < 10; i++)
		mine[i] = mmap(0, (i + 2) * PAGE, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, f)) {
		path[0] = 0;
		if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %299s", &from, &to, perms, &off, &dmaj, &dmin, &ino, path) < 7)
			strange++;
		unordered += from < last;
		last = to;
		writable_code += perms[1] == 'w' && perms[2] == 'x';
		// Named ones: the program, libraries, and what the kernel names.
		if (path[0] && path[0] != '[' && !strstr(path, "/tr_maps") && !strstr(path, "/lib"))
			printf("strange: %s", line), strange++;
		if (path[0] == '[' && !strstr("[heap] [stack] [vdso] [vvar] [vvar_vclock] [vsyscall]", path))
			printf("strange: %s", line), strange++;
		for (int i = 0; i < 10; i++)
			found += from <= (unsigned long)mine[i] && (unsigned long)mine[i] + (i + 2) * PAGE <= to;
	}
	fclose(f);
	printf("strange %d unordered %d found %d writable code %d\n", strange, unordered, found, writable_code);
}
