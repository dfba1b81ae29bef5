// Locked instructions: cmpxchg, cmpxchg16b, xadd, xchg, bts, and their flags.
#include "prog.h"

int main(void)
{
	uint64_t m = 10, r;
	unsigned char z;
	struct { uint64_t lo, hi; } d __attribute__((aligned(16))) = {1, 2};
	asm volatile("lock cmpxchg %3, %0\n sete %2" : "+m"(m), "=a"(r), "=qm"(z) : "r"(99ul), "1"(10ul) : "cc");
	printf("%lu %lu %d\n", (long)m, (long)r, z);
	asm volatile("lock cmpxchg %3, %0\n sete %2" : "+m"(m), "=a"(r), "=qm"(z) : "r"(5ul), "1"(10ul) : "cc");
	printf("%lu %lu %d\n", (long)m, (long)r, z);
	uint64_t a = 1, b = 2;
	asm volatile("lock cmpxchg16b %0\n sete %3" : "+m"(d), "+a"(a), "+d"(b), "=qm"(z) : "b"(7ul), "c"(8ul) : "cc");
	printf("%lu %lu %d\n", (long)d.lo, (long)d.hi, z);
	asm volatile("lock cmpxchg16b %0\n sete %3" : "+m"(d), "+a"(a), "+d"(b), "=qm"(z) : "b"(0ul), "c"(0ul) : "cc");
	printf("%lu %lu %lu %lu %d\n", (long)d.lo, (long)d.hi, (long)a, (long)b, z);
	r = 3;
	asm volatile("lock xadd %1, %0" : "+m"(m), "+r"(r) : : "cc");
	printf("%lu %lu\n", (long)m, (long)r);
	asm volatile("xchg %1, %0" : "+m"(m), "+r"(r));
	printf("%lu %lu\n", (long)m, (long)r);
	asm volatile("lock btsq $5, %0\n setc %1" : "+m"(m), "=qm"(z) : : "cc");
	printf("%lu %d\n", (long)m, z);
	long n = 0;
	for (int i = 0; i < 100000; i++)
		__atomic_fetch_add(&n, i, __ATOMIC_SEQ_CST);
	printf("%ld\n", n);
}
