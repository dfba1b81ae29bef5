// SIGBUS beyond the end of a mapped file, until the file grows.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf again;
static volatile int code;
static void *volatile addr;

static void bus(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code;
	addr = si->si_addr;
	siglongjmp(again, 1);
}

int main(void)
{
	int fd = tmpfile_fd("short", 5);
	volatile char *p = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	handle(SIGBUS, bus, 0);
	printf("%c\n", p[0]);
	if (!sigsetjmp(again, 1))
		printf("%c\n", p[PAGE + 5]);
	else
		printf("SIGBUS, BUS_ADRERR %d, address %d\n", code == BUS_ADRERR, addr == p + PAGE + 5);
	ftruncate(fd, 3 * PAGE);
	pwrite(fd, "G", 1, PAGE + 5);
	printf("%c\n", p[PAGE + 5]);
	ftruncate(fd, PAGE);
	if (!sigsetjmp(again, 1))
		p[2 * PAGE] = 1;
	else
		printf("SIGBUS again %d\n", addr == p + 2 * PAGE);
	result("write from it", write(fd, (char *)p + PAGE, 1));
}
