// A private file mapping: changes stay private, the file's stay visible, the tail is zero.
#include "prog.h"

int main(void)
{
	char text[5000], buf[16] = {0};
	for (int i = 0; i < 5000; i++)
		text[i] = 'a' + i % 26;
	int fd = tmpfile_fd(text, sizeof text);
	char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check(!memcmp(p, text, 5000), "content");
	check(p[5000] == 0 && p[2 * PAGE - 1] == 0, "zero tail");
	memcpy(p, "PRIVATE", 7);
	result("pread", pread(fd, buf, 7, 0));
	printf("[%s] [%.7s]\n", buf, p);
	char *q = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	check(!memcmp(q, text + PAGE, 5000 - PAGE), "second page");
	pwrite(fd, "XYZ", 3, PAGE);
	printf("[%.3s]\n", q);
	result("writable private of read-only", (close(fd), fd = open("/proc/self/exe", O_RDONLY), mmap(0, PAGE, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0));
	char *e = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	printf("%.3s\n", e + 1);
	result("mmap offset", mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 1) == MAP_FAILED ? -1 : 0);
}
