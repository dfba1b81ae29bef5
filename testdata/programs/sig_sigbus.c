// SIGBUS beyond the end of a mapped file: code, address, repair.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;
static volatile int code, fd;
static void *volatile at;

static void handler(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code, at = si->si_addr;
	siglongjmp(out, 1);
}

static void grow(int sig, siginfo_t *si, void *uc)
{
	ftruncate(fd, 3 * PAGE);
}

int main(void)
{
	fd = tmpfile_fd("short", 5);
	char *p = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	handle(SIGBUS, handler, 0);
	printf("[%s] %d\n", p, p[PAGE - 1]);
	if (!sigsetjmp(out, 1))
		*(volatile char *)(p + PAGE + 7);
	printf("code %d at %d\n", code, at == p + PAGE + 7);
	if (!sigsetjmp(out, 1))
		*(volatile char *)(p + 2 * PAGE) = 1;
	printf("code %d at %d\n", code, at == p + 2 * PAGE);
	handle(SIGBUS, grow, 0);
	printf("after growing %d\n", *(volatile char *)(p + 2 * PAGE));
	p[2 * PAGE] = 9;
	printf("written %d\n", p[2 * PAGE]);
}
