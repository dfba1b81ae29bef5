// MAP_GROWSDOWN: pages appear below a mapping that is touched there, until a neighbour is near.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;
static void handler(int sig, siginfo_t *si, void *uc)
{
	siglongjmp(out, 1);
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	char *room = pages(1000, PROT_NONE);
	munmap(room, 1000 * PAGE);
	char *p = mmap(room + 900 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	check(p == room + 900 * PAGE, "mapped");
	for (int i = 1; i <= 100; i++)
		p[-i * PAGE] = i;
	int sum = 0;
	for (int i = 1; i <= 100; i++)
		sum += p[-i * PAGE];
	printf("sum %d\n", sum);
	p[-300 * PAGE] = 1;
	printf("at once %d between %d\n", p[-300 * PAGE], p[-200 * PAGE]);
	char *n = mmap(room + 100 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(n == room + 100 * PAGE, "a neighbour");
	if (!sigsetjmp(out, 1)) {
		n[PAGE] = 1;
		puts("no fault");
	} else
		puts("the guard gap faults");
	must(mprotect(p - 300 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN), "mprotect");
	if (!sigsetjmp(out, 1)) {
		p[-300 * PAGE] = 2;
		puts("no fault");
	} else
		puts("read-only");
}
