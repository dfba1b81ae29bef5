// fallocate: space, holes, zeroed and collapsed ranges; SEEK_DATA and SEEK_HOLE; truncate.
#include "prog.h"
#include <sys/stat.h>

int main(void)
{
	char name[] = "/tmp/programXXXXXX", *buf = malloc(1 << 16), c;
	struct stat s;
	int fd = must(mkstemp(name), "mkstemp");
	memset(buf, 'f', 1 << 16);
	write(fd, buf, 1 << 16);
	result("beyond, keep size", fallocate(fd, FALLOC_FL_KEEP_SIZE, 1 << 17, PAGE));
	fstat(fd, &s);
	printf("size %ld\n", (long)s.st_size);
	result("grow", fallocate(fd, 0, 0, 100000));
	fstat(fd, &s);
	printf("size %ld\n", (long)s.st_size);
	result("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * PAGE, 4 * PAGE));
	pread(fd, &c, 1, 3 * PAGE);
	printf("%d\n", c);
	result("SEEK_HOLE", lseek(fd, 0, SEEK_HOLE));
	result("SEEK_DATA", lseek(fd, 3 * PAGE, SEEK_DATA));
	result("past the end", lseek(fd, 1 << 20, SEEK_DATA));
	result("bad mode", fallocate(fd, 0x8000, 0, 1));
	result("bad range", fallocate(fd, 0, -1, 1));
	result("ftruncate", ftruncate(fd, 10));
	result("truncate", truncate(name, 20));
	long n = pread(fd, buf, 100, 0);
	printf("%ld %016lx\n", n, hash(buf, n));
	result("posix_fadvise", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	result("readahead", readahead(fd, 0, 10));
	result("sync_file_range", sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
	result("fdatasync", fdatasync(fd));
	unlink(name);
}
