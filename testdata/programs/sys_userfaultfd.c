// userfaultfd: a thread serves the missing pages of another, or the kernel refuses it.
#include "thread.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>

static int fd;
static volatile int served;

static void *serve(void *arg)
{
	static char source[PAGE];
	struct uffd_msg m;
	while (read(fd, &m, sizeof m) == sizeof m && m.event == UFFD_EVENT_PAGEFAULT) {
		memset(source, 'a' + served, PAGE);
		struct uffdio_copy c = {.dst = m.arg.pagefault.address & -PAGE, .src = (uintptr_t)source, .len = PAGE};
		served++;
		must(ioctl(fd, UFFDIO_COPY, &c), "UFFDIO_COPY");
	}
	return 0;
}

int main(void)
{
	fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (fd < 0) {
		result("userfaultfd", fd);
		return 0;
	}
	struct uffdio_api api = {.api = UFFD_API};
	must(ioctl(fd, UFFDIO_API, &api), "UFFDIO_API");
	char *p = pages(8, PROT_READ | PROT_WRITE);
	struct uffdio_register r = {{(uintptr_t)p, 8 * PAGE}, UFFDIO_REGISTER_MODE_MISSING};
	must(ioctl(fd, UFFDIO_REGISTER, &r), "UFFDIO_REGISTER");
	start(serve, 0);
	for (int i = 7; i >= 0; i--)
		printf("%c", p[i * PAGE + 100]);
	printf(" served %d\n", served);
	p[0] = 'x';
	printf("%c%c served %d\n", p[0], p[1], served);
}
