// Code changed by the kernel: read into it, recv, mmap over it, munmap, madvise, mremap, in a file mapping.
#include "prog.h"
#include <sys/socket.h>

static unsigned char code[] = {0xb8, 1, 0, 0, 0, 0xc3};
static unsigned char *number(int n)
{
	memcpy(code + 1, &n, 4);
	return code;
}

static int run(void *p) { return ((int (*)(void))p)(); }

int main(void)
{
	int rwx = PROT_READ | PROT_WRITE | PROT_EXEC, bad = 0, p[2], s[2];
	unsigned char *m = (void *)pages(1, rwx);
	must(pipe(p), "pipe"), must(socketpair(AF_UNIX, SOCK_STREAM, 0, s), "socketpair");
	for (int i = 0; i < 50; i++) {
		write(p[1], number(i), 6), read(p[0], m, 6);
		bad += run(m) != i;
		send(s[0], number(i + 100), 6, 0), recv(s[1], m, 6, 0);
		bad += run(m) != i + 100;
	}
	printf("read: %d wrong\n", bad);
	for (int i = 0; i < 50; i++) {
		int fd = tmpfile_fd(number(i + 200), 6);
		must(mmap(m, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED ? -1 : 0, "mmap");
		bad += run(m) != i + 200;
		close(fd);
	}
	printf("mmap over: %d wrong\n", bad);
	for (int i = 0; i < 50; i++) {
		munmap(m, PAGE);
		must(mmap(m, PAGE, rwx, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0, "mmap");
		memcpy(m, number(i + 300), 6);
		bad += run(m) != i + 300;
	}
	printf("munmap and mmap: %d wrong\n", bad);
	unsigned char *other = (void *)pages(1, rwx);
	for (int i = 0; i < 50; i++) {
		other = mmap(0, PAGE, rwx, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memcpy(other, number(i + 400), 6);
		bad += run(other) != i + 400;
		must(mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, m) == MAP_FAILED ? -1 : 0, "mremap");
		bad += run(m) != i + 400;
	}
	printf("mremap: %d wrong\n", bad);
	int fd = tmpfile_fd(number(500), 6);
	m = mmap(0, PAGE, rwx, MAP_PRIVATE, fd, 0);
	memcpy(m, number(501), 6);
	bad += run(m) != 501;
	madvise(m, PAGE, MADV_DONTNEED);
	bad += run(m) != 500;
	printf("madvise: %d wrong\n", bad);
}
