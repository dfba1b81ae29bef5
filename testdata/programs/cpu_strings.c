// flags: -O1
// String instructions: forwards, backwards, overlapping, huge, zero counts, scans and compares.
#include "prog.h"

static long scas(const char *p, int c, long n)
{
	long left = n;
	asm volatile("repne scasb" : "+D"(p), "+c"(left) : "a"(c) : "cc", "memory");
	return left;
}

int main(void)
{
	size_t big = 8 << 20;
	char *a = malloc(big), *b = malloc(big);
	void *s, *d;
	unsigned long n;
	for (size_t i = 0; i < big; i++)
		a[i] = i * 131 >> 3;
	s = a, d = b, n = big;
	asm volatile("rep movsb" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
	printf("%d %d %lu\n", memcmp(a, b, big), (char *)d == b + big, n);
	d = b + big - 8, s = a + big / 2, n = big / 16;
	asm volatile("std\n rep movsq\n cld" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
	printf("%016lx\n", (long)hash(b, big));
	s = a, d = a + 1, n = 1000;
	asm volatile("rep movsb" : "+S"(s), "+D"(d), "+c"(n) : : "memory"); // spreads the first byte
	printf("%d\n", a[1000] == a[0]);
	d = b, n = big / 4;
	asm volatile("rep stosl" : "+D"(d), "+c"(n) : "a"(0x01020304) : "memory");
	printf("%016lx\n", (long)hash(b, big));
	d = b + 99, n = 50;
	asm volatile("std\n rep stosw\n cld" : "+D"(d), "+c"(n) : "a"(0x7777) : "memory");
	printf("%016lx %ld\n", (long)hash(b, 200), (long)((char *)d - b));
	char text[] = "find the needle in this";
	printf("scas %ld %ld %ld\n", scas(text, 'n', 23), scas(text, '!', 23), scas(text, 'x', 0));
	s = "compare me!", d = "compare mE!", n = 11;
	unsigned char below;
	asm volatile("repe cmpsb\n setb %3" : "+S"(s), "+D"(d), "+c"(n), "=q"(below) : : "cc", "memory");
	printf("cmps left %lu below %d\n", n, below);
	uint64_t v, f;
	s = "abcdefgh", d = text, n = 0;
	asm volatile("xor %%eax, %%eax\n stc\n lodsq\n sbb %%rdx, %%rdx" : "=a"(v), "=d"(f), "+S"(s) : : "cc");
	printf("lods %lx carry kept %ld\n", (long)v, (long)f);
	asm volatile("cmp %%eax, %%eax\n repne scasb\n sete %b0" : "=a"(v), "+D"(d), "+c"(n) : : "cc");
	printf("count 0 keeps flags %d\n", (int)(v & 1));
}
