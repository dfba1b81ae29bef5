// Shared by the conformance programs with userfaultfd.
#include "thread.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

// uffd makes a userfaultfd; -1 where the kernel has none.
static inline int uffd(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (fd < 0)
		return -1;
	struct uffdio_api api = {.api = UFFD_API};
	must(ioctl(fd, UFFDIO_API, &api), "UFFDIO_API");
	return fd;
}

static inline void watch(int fd, void *p, size_t n, unsigned long mode)
{
	struct uffdio_register r = {{(uintptr_t)p, n}, mode};
	must(ioctl(fd, UFFDIO_REGISTER, &r), "UFFDIO_REGISTER");
}

// provide fills the page at addr with content; it returns what the call answers.
static inline long provide(int fd, unsigned long addr, const void *content)
{
	struct uffdio_copy c = {.dst = addr & -PAGE, .src = (uintptr_t)content, .len = PAGE};
	long r = ioctl(fd, UFFDIO_COPY, &c);
	return r ? r : c.copy;
}
