// eventfd, timerfd and inotify descriptors.
#include "prog.h"
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>

int main(void)
{
	uint64_t v = 0;
	int e = must(eventfd(3, EFD_NONBLOCK), "eventfd");
	result("read", read(e, &v, 8));
	printf("value %lu\n", (long)v);
	result("read again", read(e, &v, 8));
	v = 5;
	write(e, &v, 8), write(e, &v, 8);
	read(e, &v, 8);
	printf("value %lu\n", (long)v);
	int sem = must(eventfd(2, EFD_SEMAPHORE), "eventfd");
	read(sem, &v, 8);
	printf("semaphore %lu\n", (long)v);

	int t = must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create");
	struct itimerspec its = {.it_value = {0, 5000000}, .it_interval = {100, 0}}, old = {.it_value = {1, 1}};
	result("settime", timerfd_settime(t, 0, &its, &old));
	printf("old %ld %ld\n", old.it_value.tv_sec, old.it_value.tv_nsec);
	result("read timer", read(t, &v, 8));
	printf("expirations %lu\n", (long)v);
	result("gettime", timerfd_gettime(t, &old));
	check(old.it_value.tv_sec == 99 && old.it_interval.tv_sec == 100, "rest");

	char dir[] = "/tmp/programXXXXXX", path[64], buf[512];
	if (!mkdtemp(dir))
		return 99;
	int in = must(inotify_init1(IN_NONBLOCK), "inotify_init1");
	check(inotify_add_watch(in, dir, IN_CREATE | IN_DELETE) > 0, "inotify_add_watch");
	snprintf(path, sizeof path, "%s/file", dir);
	close(creat(path, 0600));
	unlink(path);
	long n = read(in, buf, sizeof buf);
	for (char *p = buf; p < buf + n; p += sizeof(struct inotify_event) + ((struct inotify_event *)p)->len)
		printf("event %x %s\n", ((struct inotify_event *)p)->mask, ((struct inotify_event *)p)->name);
	rmdir(dir);
}
