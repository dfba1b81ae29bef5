// getdents64 with a small buffer, and readdir, list the same names.
#include "prog.h"
#include <dirent.h>
#include <sys/stat.h>

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

int main(void)
{
	char dir[] = "/tmp/programXXXXXX", buf[300], name[40], names[200][40];
	int n = 0, calls = 0, m = 0;
	if (!mkdtemp(dir) || chdir(dir))
		return 99;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "file-%d-%.*s", i, i % 20, "aaaaaaaaaaaaaaaaaaaaaaaaa");
		close(creat(name, 0600));
	}
	int fd = must(open(".", O_RDONLY | O_DIRECTORY), "open");
	for (long k; (k = syscall(SYS_getdents64, fd, buf, sizeof buf)) > 0; calls++)
		for (long o = 0; o < k; o += *(unsigned short *)(buf + o + 16))
			strcpy(names[n++], buf + o + 19);
	qsort(names, n, sizeof names[0], by_name);
	printf("%d names, more than one call: %d\n", n, calls > 1);
	for (int i = 0; i < n; i += 17)
		printf("%s\n", names[i]);
	DIR *d = opendir(".");
	while (readdir(d))
		m++;
	closedir(d);
	check(m == n, "readdir counts the same");
	result("getdents64 too small", syscall(SYS_getdents64, (lseek(fd, 0, 0), fd), buf, 10));
	for (int i = 0; i < n; i++)
		unlink(names[i]);
	result("rmdir", rmdir(dir));
}
