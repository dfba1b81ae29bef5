// Three children connected by pipes: numbers, filter, sum.
#include "prog.h"

int main(void)
{
	int a[2], b[2], c[2], st;
	must(pipe(a), "pipe"), must(pipe(b), "pipe"), must(pipe(c), "pipe");
	if (!fork()) {
		for (int i = 0; i < 3000; i++)
			must(write(a[1], &i, sizeof i), "write");
		_exit(1);
	}
	close(a[1]);
	if (!fork()) {
		int v;
		close(b[0]);
		while (read(a[0], &v, sizeof v) == sizeof v)
			if (v % 7 == 3)
				must(write(b[1], &v, sizeof v), "write");
		_exit(2);
	}
	close(a[0]), close(b[1]);
	if (!fork()) {
		int v;
		long sum = 0;
		while (read(b[0], &v, sizeof v) == sizeof v)
			sum += v;
		must(write(c[1], &sum, sizeof sum), "write");
		_exit(3);
	}
	close(b[0]);
	long sum;
	must(read(c[0], &sum, sizeof sum), "read");
	int statuses = 0;
	while (wait(&st) > 0)
		statuses += WEXITSTATUS(st);
	printf("sum %ld statuses %d\n", sum, statuses);
}
