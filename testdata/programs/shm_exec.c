// A memfd inherited through execve: parent and new program share it.
#include "prog.h"

int main(int argc, char **argv)
{
	int fd, st;
	if (argc > 1) {
		fd = atoi(argv[1]);
		volatile int *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		p[1] = p[0] * 2;
		__atomic_store_n(&p[2], 1, __ATOMIC_RELEASE);
		while (!__atomic_load_n(&p[3], __ATOMIC_ACQUIRE))
			usleep(100);
		return p[4];
	}
	char number[12];
	fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, PAGE), "ftruncate");
	volatile int *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	p[0] = 21;
	sprintf(number, "%d", fd);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		execl("/proc/self/exe", argv[0], number, (char *)0);
		_exit(99);
	}
	while (!__atomic_load_n(&p[2], __ATOMIC_ACQUIRE))
		usleep(100);
	printf("doubled %d\n", p[1]);
	p[4] = 13;
	__atomic_store_n(&p[3], 1, __ATOMIC_RELEASE);
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
