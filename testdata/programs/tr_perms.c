// The permissions in /proc/self/maps of pages whose code ran, in every mapping of the program itself.
#include "prog.h"

int main(int argc, char **argv)
{
	char line[400], perms[8], path[300], exe[300] = {0};
	unsigned long off;
	readlink("/proc/self/exe", exe, sizeof exe - 1);
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, f)) {
		path[0] = 0;
		sscanf(line, "%*s %7s %lx %*s %*s %299s", perms, &off, path);
		if (!strcmp(path, exe))
			printf("%s %lx\n", perms, off);
		if (!strcmp(path, "[stack]") || !strcmp(path, "[heap]") || !strcmp(path, "[vdso]"))
			printf("%s %s\n", perms, path);
	}
	fclose(f);
}
