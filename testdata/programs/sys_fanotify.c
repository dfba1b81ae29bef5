// fanotify: events with descriptors where it is permitted, else a clean refusal.
#include "prog.h"
#include <sys/fanotify.h>

int main(void)
{
	char name[] = "/tmp/programXXXXXX", buf[4096] __attribute__((aligned(8)));
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
	if (fd < 0) {
		result("fanotify_init", fd);
		return 0;
	}
	int f = must(mkstemp(name), "mkstemp");
	result("fanotify_mark", fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE, AT_FDCWD, name));
	write(f, "x", 1);
	close(f);
	close(open(name, O_RDONLY));
	long n = read(fd, buf, sizeof buf);
	for (struct fanotify_event_metadata *e = (void *)buf; FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
		printf("mask %llx own %d descriptor %d\n", (long long)e->mask, e->pid == getpid(), e->fd > 2);
		close(e->fd);
	}
	result("bad", fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/nonexistent"));
	unlink(name);
}
