// /proc/self/fd lists exactly the program's descriptors; new ones get the lowest free numbers.
#include "prog.h"
#include <dirent.h>
#include <sys/resource.h>

static void list(void)
{
	DIR *d = opendir("/proc/self/fd");
	int own = dirfd(d);
	for (struct dirent *e; (e = readdir(d));)
		if (*e->d_name != '.' && atoi(e->d_name) != own)
			printf("%s ", e->d_name);
	closedir(d);
	puts("");
}

int main(void)
{
	list();
	printf("%d %d %d\n", open("/dev/null", O_RDONLY), dup(1), open("/dev/null", O_RDONLY));
	close(4);
	printf("%d\n", dup(1));
	list();
	result("dup2 far", dup2(1, 900));
	list();
	int n = 0;
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 1024});
	while (dup(1) >= 0)
		n++;
	printf("%d more, then %s\n", n, strerrorname_np(errno));
	for (int fd = 3; fd < 64; fd++)
		if (close(fd))
			printf("%d was not open\n", fd);
	list();
}
