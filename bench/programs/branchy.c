// Sorting, hashing, indirect calls, recursion.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int less(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;
	return (x > y) - (x < y);
}

static unsigned hash(const char *s)
{
	unsigned h = 2166136261u;
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static int fib(int n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static int add(int a) { return a + 3; }
static int mul(int a) { return a * 5; }
static int xor(int a) { return a ^ 0x55; }
static int shr(int a) { return a >> 1; }

int main(void)
{
	static int v[1 << 20], table[1 << 16];
	int (*volatile ops[])(int) = {add, mul, xor, shr};
	unsigned x = 1, sum = 0;
	for (int i = 0; i < 1 << 20; i++)
		v[i] = x = x * 1664525 + 1013904223;
	qsort(v, 1 << 20, sizeof *v, less);
	for (int i = 0; i < 8000000; i++) {
		char s[16];
		int n = i, k = 0;
		do
			s[k++] = '0' + n % 10;
		while (n /= 10);
		s[k] = 0;
		sum += table[hash(s) & 0xffff]++;
	}
	for (int i = 0; i < 100000000; i++)
		x = ops[(x >> 3 ^ i) & 3](x);
	printf("%u %d %d %u\n", sum, fib(38), v[1234], x);
	return 0;
}
