// After fork, parent and child change the same code page, each its own copy.
#include "jit.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	int st;
	constant(p, 10);
	printf("%ld\n", call(p, 0));
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		if (call(p, 0) != 10)
			_exit(1);
		constant(p, 20);
		_exit(call(p, 0));
	}
	constant(p, 30);
	printf("%ld\n", call(p, 0));
	waitpid(pid, &st, 0);
	printf("child %d, parent still %ld\n", WEXITSTATUS(st), call(p, 0));
}
