// mremap of several mappings at once, with holes: Linux 6.17 moves them, before it was an error.
#include "prog.h"

#define RW (PROT_READ | PROT_WRITE)

static int pipe_fd[2];

static int writable(char *p)
{
	char c;
	must(write(pipe_fd[1], "x", 1), "write");
	return read(pipe_fd[0], p, 1) == 1 || (read(pipe_fd[0], &c, 1), 0);
}

static char *move(const char *what, char *p, size_t n, int flags)
{
	char *to = pages(n, PROT_NONE);
	char *q = mremap(p, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | flags, to);
	result(what, q == MAP_FAILED ? -1 : q - to);
	if (q == MAP_FAILED)
		exit(0);
	return q;
}

int main(void)
{
	must(pipe(pipe_fd), "pipe");
	char content[2 * PAGE];
	memset(content, 9, sizeof content);
	int fd = tmpfile_fd(content, sizeof content);
	char *p = pages(6, RW);
	memset(p, 1, 6 * PAGE);
	must((long)mmap(p + 3 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0), "mmap");
	p[4 * PAGE] = 4;
	must(mprotect(p + 2 * PAGE, PAGE, PROT_READ), "mprotect");
	p = move("several", p, 6, 0);
	for (int i = 0; i < 6; i++)
		printf(" %d %d", p[i * PAGE], writable(p + i * PAGE));
	puts("");
	must(madvise(p + 3 * PAGE, 2 * PAGE, MADV_DONTNEED), "madvise");
	printf("%d %d\n", p[3 * PAGE], p[4 * PAGE]);

	must(munmap(p + PAGE, PAGE), "munmap");
	p[5 * PAGE] = 6;
	char *q = move("with a hole", p, 6, 0);
	printf("%d %d %d %d\n", q[0], q[2 * PAGE], q[3 * PAGE], q[5 * PAGE]);
	result("hole", msync(q + PAGE, PAGE, MS_ASYNC));
	result("where it was", msync(p, PAGE, MS_ASYNC));
	p = pages(3, RW);
	memset(p, 3, 3 * PAGE);
	must(mprotect(p + PAGE, PAGE, PROT_READ), "mprotect");
	q = move("not unmapped", p, 3, 4); // MREMAP_DONTUNMAP
	printf("%d %d %d, %d %d\n", q[0], q[PAGE], q[2 * PAGE], p[0], p[PAGE]);
	return 0;
}
