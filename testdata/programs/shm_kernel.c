// The kernel writes to shared memory: read, stat, pipes and signals' frames into a mapping with an alias.
#include "prog.h"
#include <sys/stat.h>
#include <time.h>

static char *a, *b;
static volatile int on_it;

static void handler(int sig, siginfo_t *si, void *uc)
{
	char here;
	on_it = &here >= a && &here < a + 16 * PAGE;
}

int main(void)
{
	int fd = must(memfd_create("shared", 0), "memfd_create"), p[2];
	must(ftruncate(fd, 16 * PAGE), "ftruncate");
	a = mmap(0, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(0, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(pipe(p), "pipe");
	write(p[1], "through a pipe", 15);
	result("read", read(p[0], a + 100, 15));
	printf("[%s]\n", b + 100);
	result("fstat", fstat(fd, (struct stat *)(a + 200)));
	printf("size %ld\n", (long)((struct stat *)(b + 200))->st_size);
	result("clock", clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(a + 400)));
	check(((struct timespec *)(b + 400))->tv_sec == ((struct timespec *)(a + 400))->tv_sec, "same");
	stack_t ss = {.ss_sp = a, .ss_size = 16 * PAGE};
	must(sigaltstack(&ss, 0), "sigaltstack");
	handle(SIGUSR1, handler, SA_ONSTACK);
	memset(b + 8 * PAGE, 0, 8 * PAGE);
	raise(SIGUSR1);
	long used = 0;
	for (int i = 8 * PAGE; i < 16 * PAGE; i++)
		used += b[i] != 0;
	printf("handler on it %d, frame seen %d\n", on_it, used > 50);
}
