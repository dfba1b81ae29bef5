// shm_open: two processes that map the same name, unlink, sizes, errors.
#include "prog.h"
#include <sys/stat.h>

int main(void)
{
	char name[64];
	struct stat s;
	int st;
	snprintf(name, sizeof name, "/program-%d", getpid());
	int fd = must(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), "shm_open");
	result("again", shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
	must(ftruncate(fd, PAGE), "ftruncate");
	volatile int *p = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	p[0] = 1;
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		int own = must(shm_open(name, O_RDWR, 0), "shm_open");
		volatile int *q = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0);
		while (__atomic_load_n(&q[0], __ATOMIC_ACQUIRE) != 2)
			usleep(100);
		q[1] = 42;
		_exit(q != p);
	}
	__atomic_store_n(&p[0], 2, __ATOMIC_RELEASE);
	waitpid(pid, &st, 0);
	printf("child wrote %d, at another place %d\n", p[1], WEXITSTATUS(st));
	fstat(fd, &s);
	printf("size %ld\n", (long)s.st_size);
	result("shm_unlink", shm_unlink(name));
	result("shm_unlink", shm_unlink(name));
	printf("still there %d\n", p[1]);
}
