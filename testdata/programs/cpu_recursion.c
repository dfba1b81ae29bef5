// flags: -O1
// Deep and wide recursion: Ackermann, Fibonacci, mutual recursion, through pointers.
#include "prog.h"

static __attribute__((noinline)) unsigned ack(unsigned m, unsigned n)
{
	return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1));
}

static __attribute__((noinline)) unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static int odd(unsigned n);
static __attribute__((noinline)) int even(unsigned n) { return n == 0 ? 1 : odd(n - 1) + 0; }
static __attribute__((noinline)) int odd(unsigned n) { return n == 0 ? 0 : even(n - 1) + 0; }

static int compare(const void *a, const void *b) { return *(int *)a < *(int *)b ? -1 : *(int *)a > *(int *)b; }

int main(void)
{
	printf("%u %u %d\n", ack(2, 1000), fib(25), even(20001));
	int *v = malloc(100000 * sizeof *v);
	for (unsigned i = 0, x = 1; i < 100000; i++, x = x * 1664525 + 1013904223)
		v[i] = x >> 3;
	qsort(v, 100000, sizeof *v, compare);
	printf("%016lx\n", (long)hash(v, 100000 * sizeof *v));
}
