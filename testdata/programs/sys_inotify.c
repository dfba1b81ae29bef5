// inotify: creation, writes, renames, removal; cookies, names, buffers that are too small, watches that end.
#include "prog.h"
#include <sys/inotify.h>
#include <sys/stat.h>

static int fd;

static void show(void)
{
	char buf[4096] __attribute__((aligned(8)));
	uint32_t cookie = 0;
	long n = read(fd, buf, sizeof buf);
	for (char *p = buf; p < buf + n;) {
		struct inotify_event *e = (void *)p;
		printf(" %x[%s]%s", e->mask, e->len ? e->name : "", !e->cookie ? "" : e->cookie == cookie ? "=" : "+");
		cookie = e->cookie;
		p += sizeof *e + e->len;
	}
	puts(n < 0 ? " none" : "");
}

int main(void)
{
	char dir[] = "/tmp/programXXXXXX", buf[10];
	must(!!mkdtemp(dir) - 1, "mkdtemp");
	must(chdir(dir), "chdir");
	fd = must(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1");
	int wd = must(inotify_add_watch(fd, ".", IN_ALL_EVENTS), "inotify_add_watch");
	printf("watch %d\n", wd);
	show();
	int f = open("file", O_RDWR | O_CREAT, 0600);
	show();
	write(f, "data", 4), lseek(f, 0, SEEK_SET), read(f, buf, 4), close(f);
	show();
	rename("file", "other"), chmod("other", 0644), mkdir("sub", 0700);
	show();
	result("too small", (unlink("other"), read(fd, buf, sizeof buf)));
	show();
	result("again", inotify_add_watch(fd, ".", IN_CREATE | IN_MASK_ADD));
	result("one shot", inotify_add_watch(fd, "sub", IN_CREATE | IN_ONESHOT));
	close(open("sub/a", O_CREAT, 0600)), close(open("sub/b", O_CREAT, 0600));
	show();
	unlink("sub/a"), unlink("sub/b"), rmdir("sub");
	show();
	result("rm_watch", inotify_rm_watch(fd, wd));
	show();
	result("rm_watch", inotify_rm_watch(fd, wd));
	rmdir(dir);
}
