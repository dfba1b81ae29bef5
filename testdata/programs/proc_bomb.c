// Fifty children at once, collected in the order in which they end.
#include "prog.h"

int main(void)
{
	int p[2], st;
	char c;
	must(pipe(p), "pipe");
	for (int i = 0; i < 50; i++)
		if (!must(fork(), "fork")) {
			close(p[1]);
			read(p[0], &c, 1); // until the parent closes it
			_exit(i + 1);
		}
	close(p[1]);
	long seen = 0, sum = 0;
	while (wait(&st) > 0) {
		sum += WEXITSTATUS(st);
		seen |= 1L << WEXITSTATUS(st);
	}
	printf("sum %ld seen %lx\n", sum, seen);
}
