// A child of a process whose stack has grown finds all of it, and can change parts of it.
#include "prog.h"
#include <sys/wait.h>

enum { LEN = 1 << 20 };

static int sum(volatile unsigned char *b)
{
	int s = 0;
	for (int i = 0; i < LEN; i += PAGE)
		s += b[i];
	return s;
}

static int deep(void)
{
	volatile unsigned char b[LEN];
	for (int i = 0; i < LEN; i += PAGE)
		b[i] = i / PAGE;
	pid_t child = fork();
	char *part = (char *)(((uintptr_t)b + 3 * PAGE) & -PAGE);
	if (child == 0) {
		must(madvise(part, 10 * PAGE, MADV_DONTNEED), "madvise");
		return sum(b) % 251;
	}
	int status;
	must(waitpid(child, &status, 0), "waitpid");
	printf("child %d\n", WEXITSTATUS(status));
	int before = sum(b);
	must(mprotect(part, PAGE, PROT_READ), "mprotect");
	must(mprotect(part, PAGE, PROT_READ | PROT_WRITE), "mprotect back");
	must(madvise(part, 10 * PAGE, MADV_DONTNEED), "madvise");
	printf("parent %d, then %d\n", before, sum(b));
	return 0;
}

int main(void)
{
	return deep();
}
