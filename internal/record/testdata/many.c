// flags: -O1
// Calls many functions in turn, through pointers and directly, as often as its
// argument says: more code than a small cache has room for.
#include <stdio.h>
#include <stdlib.h>

static unsigned long x = 1;

#define F(n) \
	static __attribute__((noinline)) void f##n(void) \
	{ \
		for (int i = 0; i < 3; i++) \
			x = x * (2 * n##UL + 3) + (x >> (n % 31 + 1)); \
		if (x & 1) \
			x ^= n##UL * 7919; \
		else \
			x += n; \
	}
#define F10(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define F100(n) F10(n##0) F10(n##1) F10(n##2) F10(n##3) F10(n##4) F10(n##5) F10(n##6) F10(n##7) F10(n##8) F10(n##9)
#define C(n) f##n();
#define C10(n) C(n##0) C(n##1) C(n##2) C(n##3) C(n##4) C(n##5) C(n##6) C(n##7) C(n##8) C(n##9)
#define C100(n) C10(n##0) C10(n##1) C10(n##2) C10(n##3) C10(n##4) C10(n##5) C10(n##6) C10(n##7) C10(n##8) C10(n##9)
#define P(n) f##n,
#define P10(n) P(n##0) P(n##1) P(n##2) P(n##3) P(n##4) P(n##5) P(n##6) P(n##7) P(n##8) P(n##9)
#define P100(n) P10(n##0) P10(n##1) P10(n##2) P10(n##3) P10(n##4) P10(n##5) P10(n##6) P10(n##7) P10(n##8) P10(n##9)

F100(1) F100(2) F100(3) F100(4) F100(5) F100(6) F100(7) F100(8) F100(9)

static void (*const all[])(void) = {P100(1) P100(2) P100(3) P100(4) P100(5) P100(6) P100(7) P100(8) P100(9)};

static void direct(void)
{
	C100(1) C100(2) C100(3) C100(4) C100(5) C100(6) C100(7) C100(8) C100(9)
}

int main(int argc, char **argv)
{
	int times = argc > 1 ? atoi(argv[1]) : 1;
	for (int i = 0; i < times; i++) {
		for (unsigned k = 0; k < sizeof all / sizeof *all; k++)
			all[k]();
		direct();
	}
	printf("%lx\n", x);
	return 0;
}
