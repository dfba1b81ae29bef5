// userfaultfd: a child serves its parent's pages; several threads wait; stores to protected pages are told; dropped pages come anew; a handler that polls.
#include "userfault.h"
#include <poll.h>

enum { N = 40 };
static int fd, generation;
static char *p;
static volatile int stores;

static int answer(struct uffd_msg *m)
{
	static char source[PAGE];
	unsigned long addr = m->arg.pagefault.address & -PAGE;
	if (m->arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP) {
		struct uffdio_writeprotect w = {{addr, PAGE}, 0};
		stores++;
		return ioctl(fd, UFFDIO_WRITEPROTECT, &w);
	}
	memset(source, 'a' + (addr - (uintptr_t)p) / PAGE % 20 + generation, PAGE);
	return provide(fd, addr, source);
}

static void *serve(void *arg)
{
	struct uffd_msg m;
	while (read(fd, &m, sizeof m) == sizeof m)
		answer(&m);
	return 0;
}

static void *poll_and_serve(void *arg)
{
	struct pollfd f = {fd, POLLIN};
	struct uffd_msg m[4];
	while (poll(&f, 1, -1) == 1 && !(f.revents & POLLERR)) {
		long n = read(fd, m, sizeof m);
		for (int i = 0; i < n / (long)sizeof *m; i++)
			answer(m + i);
	}
	return 0;
}

static void *look(void *arg)
{
	long sum = 0;
	for (int i = 0; i < N; i++)
		sum += p[i * PAGE + (long)arg * 8];
	return (void *)sum;
}

static void drop(void)
{
	must(madvise(p, N * PAGE, MADV_DONTNEED), "madvise");
	generation++;
}

int main(void)
{
	if ((fd = uffd()) < 0) {
		printf("no userfaultfd\n");
		return 0;
	}
	p = pages(N, PROT_READ | PROT_WRITE);
	watch(fd, p, N * PAGE, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP);

	int child = fork();
	if (child == 0) {
		serve(0);
		_exit(1);
	}
	printf("by a child: %ld\n", (long)look(0));
	kill(child, SIGTERM);
	wait(0);

	pthread_t t = start(serve, 0);
	drop();
	printf("by a thread: %ld %c\n", (long)look((void *)1), p[3 * PAGE + 4]);
	drop();
	printf("threads: %ld\n", crowd(3, look));
	struct uffdio_writeprotect w = {{(uintptr_t)p, N * PAGE}, UFFDIO_WRITEPROTECT_MODE_WP};
	must(ioctl(fd, UFFDIO_WRITEPROTECT, &w), "UFFDIO_WRITEPROTECT");
	for (int i = 0; i < N; i += 3)
		p[i * PAGE + i]++;
	printf("stores: %d, %ld\n", stores, (long)look(0));
	child = fork();
	if (child == 0) {
		printf("in a child: %c %d\n", p[PAGE], p[2 * PAGE]);
		return 0;
	}
	wait(0);
	pthread_cancel(t);
	join(t);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	drop();
	start(poll_and_serve, 0);
	printf("by polling: %ld\n", (long)look((void *)2));
	drop();
	printf("threads: %ld\n", crowd(3, look));
	struct uffdio_range all = {(uintptr_t)p, N * PAGE};
	must(ioctl(fd, UFFDIO_UNREGISTER, &all), "UFFDIO_UNREGISTER");
	drop();
	printf("nobody: %ld\n", (long)look(0));
	struct uffdio_api again = {.api = UFFD_API};
	result("UFFDIO_API again", ioctl(fd, UFFDIO_API, &again));
	struct uffdio_zeropage z = {{(uintptr_t)p, PAGE}};
	result("UFFDIO_ZEROPAGE", ioctl(fd, UFFDIO_ZEROPAGE, &z));
	printf("%lld\n", (long long)z.zeropage);
	result("UFFDIO_COPY", provide(fd, 4096, p));
}
