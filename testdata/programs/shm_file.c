// A file mapped shared: read, write, pread, truncate and a second descriptor see it, and it sees them.
#include "prog.h"

int main(void)
{
	char name[] = "/tmp/programXXXXXX", buf[32] = {0};
	int fd = must(mkstemp(name), "mkstemp"), other = must(open(name, O_RDWR), "open");
	unlink(name);
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	strcpy(p, "mapping");
	result("read", read(other, buf, 7));
	printf("[%s]\n", buf);
	result("write", write(other, " and write", 10));
	printf("[%s]\n", p);
	result("pwrite", pwrite(other, "WR", 2, 12));
	printf("[%s]\n", p);
	// The kernel copies from the mapping to the file and back.
	result("own pages", pwrite(other, p, 17, PAGE));
	printf("[%s]\n", p + PAGE);
	result("into own pages", pread(other, p + PAGE + 100, 10, 0));
	printf("[%s]\n", p + PAGE + 100);
	result("msync", msync(p, 2 * PAGE, MS_SYNC | MS_INVALIDATE));
	must(ftruncate(other, 5), "ftruncate");
	printf("truncated [%s]\n", p);
	must(ftruncate(other, 2 * PAGE), "ftruncate");
	printf("second page %d\n", p[PAGE]);
}
