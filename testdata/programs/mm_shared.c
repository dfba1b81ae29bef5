// Shared mappings: of a file, twice in one process, and with a child.
#include "prog.h"

int main(void)
{
	int fd = tmpfile_fd("", 0);
	char buf[8] = {0};
	must(ftruncate(fd, PAGE), "ftruncate");
	char *a = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *b = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	strcpy(a, "hello");
	printf("[%s] [%s]\n", a, b);
	pread(fd, buf, 5, 0);
	printf("[%s]\n", buf);
	pwrite(fd, "JELLO", 5, 0);
	printf("[%s] [%s]\n", a, b);
	result("msync", msync(a, PAGE, MS_SYNC));
	volatile int *s = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();
	if (!pid) {
		s[1] = 4711;
		__atomic_store_n(&s[0], 1, __ATOMIC_RELEASE);
		_exit(0);
	}
	while (!__atomic_load_n(&s[0], __ATOMIC_ACQUIRE))
		usleep(100);
	printf("from the child: %d\n", s[1]);
	waitpid(pid, 0, 0);
	__atomic_fetch_add(&s[1], 1, __ATOMIC_SEQ_CST);
	printf("%d\n", s[1]);
}
