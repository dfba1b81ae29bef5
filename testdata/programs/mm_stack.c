// flags: -O1
// The stack grows by deep frames, by large frames, and by alloca.
#include "prog.h"
#include <alloca.h>

static __attribute__((noinline)) unsigned deep(unsigned n)
{
	volatile char frame[300];
	frame[n % 300] = n;
	return n ? deep(n - 1) + frame[n % 300] : 1;
}

static __attribute__((noinline)) int large(void)
{
	volatile char frame[3 << 20];
	frame[0] = 1, frame[sizeof frame - 1] = 2;
	return frame[0] + frame[sizeof frame - 1];
}

int main(void)
{
	printf("%u\n", deep(15000));
	printf("%d\n", large());
	unsigned sum = 0;
	for (int i = 0; i < 200; i++) {
		char *p = alloca(10000);
		memset(p, i, 10000);
		sum += p[5000];
	}
	printf("%u\n", sum);
}
