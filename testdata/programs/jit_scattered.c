// Code all over the address space, with no large gap left at its beginning.
#include "prog.h"

typedef int function(void);

// returns makes a function at an address that returns a number.
static function *returns(uintptr_t at, int n)
{
	unsigned char *p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (p == MAP_FAILED) {
		perror("mmap");
		exit(99);
	}
	p[0] = 0xb8; // mov $n, %eax; ret
	memcpy(p + 1, &n, 4);
	p[5] = 0xc3;
	must(mprotect(p, PAGE, PROT_READ | PROT_EXEC), "mprotect");
	return (function *)p;
}

int main(void)
{
	enum { LOW = 60 };
	function *f[LOW + 16];
	int n = 0;
	for (; n < LOW; n++)
		f[n] = returns((n + 1) * (uintptr_t)(100 << 20), n);
	for (int bit = 33; bit < 46; bit++, n++)
		f[n] = returns(((uintptr_t)1 << bit) + ((uintptr_t)7 << 20), n);
	long sum = 0;
	for (int round = 0; round < 100; round++)
		for (int i = 0; i < n; i++)
			sum += f[i]() ^ round;
	printf("%d functions, %ld\n", n, sum);
	return 0;
}
