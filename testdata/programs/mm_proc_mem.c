// A program reads and writes its memory through /proc/self/mem: whatever the protection, pieces, holes, positions, errors.
#include "prog.h"
#include <sys/uio.h>

static char data[64] = "what is here";
static const char fixed[PAGE] __attribute__((aligned(PAGE))) = "constant";
static int fd;

static void errors(void)
{
	char buf[16] = {0};
	char *p = pages(3, PROT_READ | PROT_WRITE);
	strcpy(p + PAGE - 6, "short");
	munmap(p + PAGE, PAGE);
	result("up to a hole", pread(fd, buf, 16, (long)p + PAGE - 6));
	printf("[%s]\n", buf);
	result("in the hole", pread(fd, buf, 16, (long)p + PAGE));
	result("write in the hole", pwrite(fd, buf, 16, (long)p + PAGE));
	result("write up to it", pwrite(fd, "0123456789", 10, (long)p + PAGE - 4));
	printf("[%.4s]\n", p + PAGE - 4);
	result("nothing at 0", pread(fd, buf, 1, 0));
	result("kernel", pread(fd, buf, 1, 0x7ffffffff000));
	result("negative", pread(fd, buf, 1, -4096));
	result("no bytes", pread(fd, buf, 0, 0));
	result("bad buffer", pread(fd, p + PAGE, 8, (long)data));
	result("bad source", pwrite(fd, p + PAGE, 8, (long)data));
	char *q = pages(4, PROT_READ | PROT_WRITE), *r = pages(2, PROT_READ | PROT_WRITE);
	munmap(r + PAGE, PAGE);
	memset(r, 'r', PAGE);
	result("source that ends", pwrite(fd, r, 2 * PAGE, (long)q));
	printf("%c%c %d\n", q[0], q[PAGE - 1], q[PAGE]);
	must(lseek(fd, (long)q + 8, SEEK_SET), "lseek");
	result("with a position", write(fd, r, 2 * PAGE));
	check(lseek(fd, 0, SEEK_CUR) == (long)q + 8, "it stays");
	result("end", lseek(fd, 0, SEEK_END));
	result("truncate", ftruncate(fd, 0));
	check(mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == ENODEV, "no mapping");
}

static void protections(void)
{
	char buf[16] = {0};
	result("constant", pwrite(fd, "changed.", 8, (long)fixed));
	printf("[%s]\n", *(const char *volatile *)&(const char *){fixed});
	result("dropped", madvise((void *)fixed, PAGE, MADV_DONTNEED));
	printf("[%s]\n", *(const char *volatile *)&(const char *){fixed});
	char *p = pages(2, PROT_NONE);
	result("no access", pwrite(fd, "hidden", 7, (long)p + PAGE - 3));
	result("read it", pread(fd, buf, 7, (long)p + PAGE - 3));
	mprotect(p, 2 * PAGE, PROT_READ);
	printf("[%s] [%s]\n", buf, p + PAGE - 3);
	int file = tmpfile_fd("in the file", 12);
	for (int shared = 0; shared < 2; shared++) {
		char *m = mmap(0, PAGE, PROT_READ, shared ? MAP_SHARED : MAP_PRIVATE, file, 0);
		result(shared ? "shared file" : "private file", pwrite(fd, "IN", 2, (long)m));
		printf("[%s]\n", m);
		mprotect(m, PAGE, PROT_NONE);
		memset(buf, 0, 16);
		result("closed", pwrite(fd, "x", 1, (long)m + 3));
		result("read it", pread(fd, buf, 12, (long)m));
		printf("[%s]\n", buf);
		mprotect(m, PAGE, PROT_READ | PROT_WRITE);
		result("open", pwrite(fd, "y", 1, (long)m + 4));
		printf("[%s]\n", m);
	}
	memset(buf, 0, 16);
	result("the file", pread(file, buf, 12, 0));
	printf("[%s]\n", buf);
}

// stack: it grows when it is accessed so, too.
static void stack(void)
{
	char *low = (char *)((long)__builtin_frame_address(0) - 64 * PAGE), c = 1;
	result("read below the stack", pread(fd, &c, 1, (long)low));
	printf("%d\n", c);
	result("write below the stack", pwrite(fd, "grown", 6, (long)low - 16 * PAGE));
	printf("[%s] %d\n", low - 16 * PAGE, low[-8 * PAGE]);
}

static void pieces(void)
{
	char a[8] = {0}, b[8] = {0}, c[8] = {0};
	struct iovec in[3] = {{a, 4}, {b, 0}, {c, 5}}, out[3] = {{"one", 3}, {0, 0}, {"two", 3}};
	int twin = dup(fd);
	result("lseek", lseek(fd, (long)data, SEEK_SET) == (long)data);
	result("readv", readv(twin, in, 3));
	printf("[%s] [%s]\n", a, c);
	result("writev", writev(fd, out, 3));
	check(lseek(twin, 0, SEEK_CUR) == (long)data + 15, "one position");
	printf("[%s]\n", data);
	result("preadv", preadv(fd, in, 3, (long)data + 9));
	printf("[%s] [%s]\n", a, c);
	result("pwritev", pwritev(twin, out, 3, (long)data + 2));
	result("pwritev2", pwritev2(twin, out, 1, -1, 0));
	result("pwritev2 with flags", pwritev2(twin, out, 1, (long)data, RWF_NOWAIT));
	printf("[%s]\n", data);
	in[1].iov_base = (void *)8, in[1].iov_len = 3;
	memset(a, 0, 8);
	result("bad piece", preadv(fd, in, 3, (long)data));
	out[1].iov_base = (void *)8, out[1].iov_len = 3;
	result("bad piece", pwritev(fd, out, 3, (long)data));
	printf("[%s] [%s]\n", a, data);
	result("bad vector", syscall(SYS_readv, fd, 8, 2));
	result("much", syscall(SYS_writev, fd, out, 5000));
	close(twin);
}

int main(void)
{
	fd = must(open("/proc/self/mem", O_RDWR), "open");
	char buf[64];
	result("pread", pread(fd, buf, 64, (long)data));
	printf("[%s]\n", buf);
	errors();
	protections();
	stack();
	pieces();
	int ro = must(open("/proc/thread-self/mem", O_RDONLY), "open");
	result("read", pread(ro, buf, 16, (long)data));
	result("not for writing", pwrite(ro, buf, 16, (long)data));
	int wo = must(creat("/proc/self/mem", 0600), "creat");
	result("created", pwrite(wo, "by creat", 9, (long)data));
	printf("[%s]\n", data);
	size_t n = 1 << 20;
	char *large = pages(n / PAGE, PROT_READ), *from = malloc(n);
	for (size_t i = 0; i < n; i++)
		from[i] = i * i >> 7;
	result("large", pwrite(fd, from, n, (long)large));
	check(!memcmp(large, from, n), "it is there");
}
