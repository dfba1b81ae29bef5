// flags: -fopenmp -O1
// OpenMP: parallel loops, reductions, critical sections, tasks, barriers that spin.
#include "prog.h"
#include <omp.h>

static long fib(int n)
{
	long a, b;
	if (n < 2)
		return n;
#pragma omp task shared(a) if (n > 10)
	a = fib(n - 1);
#pragma omp task shared(b) if (n > 10)
	b = fib(n - 2);
#pragma omp taskwait
	return a + b;
}

int main(void)
{
	long sum = 0, n = 0, f = 0;
	omp_set_num_threads(4);
#pragma omp parallel for reduction(+ : sum) schedule(dynamic, 7)
	for (int i = 0; i < 10000; i++)
		sum += i % 13;
	printf("sum %ld\n", sum);
#pragma omp parallel
	for (int i = 0; i < 50; i++) {
#pragma omp critical
		n++;
#pragma omp barrier
	}
	printf("n %ld\n", n);
#pragma omp parallel
#pragma omp single
	f = fib(14);
	printf("fib %ld\n", f);
}
