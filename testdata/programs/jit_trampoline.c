// flags: -z execstack
// Trampolines on an executable stack: nested functions whose address is taken.
#include "jit.h"

static long apply(long (*f)(long), int n)
{
	long sum = 0;
	for (int i = 0; i < n; i++)
		sum += f(i);
	return sum;
}

static long deep(int depth, long (*outer)(long))
{
	long here = depth * 1000;
	long inner(long v) { return v + here + (outer ? outer(v) : 0); }
	return depth ? deep(depth - 1, inner) : apply(inner, 10);
}

int main(void)
{
	long total = 0;
	for (int i = 0; i < 50; i++) {
		long add(long v) { return v + i; }
		total += apply(add, 10);
	}
	printf("total %ld\n", total);
	printf("deep %ld\n", deep(6, 0));
	unsigned char code[32];
	constant(code, 77);
	printf("on the stack %ld\n", call(code, 1));
}
