// A file mapped private: copies at the first write, read-only descriptors, offsets, the page behind the end.
#include "prog.h"

int main(void)
{
	char text[3 * PAGE], name[] = "/tmp/programXXXXXX";
	for (int i = 0; i < sizeof text; i++)
		text[i] = i % 251;
	int fd = must(mkstemp(name), "mkstemp");
	write(fd, text, 2 * PAGE + 100);
	int ro = must(open(name, O_RDONLY), "open");
	unlink(name);
	char *p = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, ro, 0);
	printf("%d\n", memcmp(p, text, 2 * PAGE + 100));
	memset(p + PAGE, 'w', PAGE);
	char buf[8];
	pread(fd, buf, 8, PAGE);
	printf("file unchanged %d\n", !memcmp(buf, text + PAGE, 8));
	printf("behind the end %d\n", p[2 * PAGE + 100]);
	p[2 * PAGE + 100] = 5;
	char *q = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	printf("offset %d\n", !memcmp(q, text + PAGE, PAGE));
	madvise(p + PAGE, PAGE, MADV_DONTNEED);
	printf("the file's again %d\n", !memcmp(p + PAGE, text + PAGE, PAGE));
	check(mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0) == MAP_FAILED && errno == EACCES, "shared and writable");
	check(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 100) == MAP_FAILED && errno == EINVAL, "odd offset");
	check(mmap(0, 0, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL, "no length");
	check(mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF, "no descriptor");
	check(mmap(0, PAGE, PROT_READ, 0, fd, 0) == MAP_FAILED && errno == EINVAL, "no kind");
}
