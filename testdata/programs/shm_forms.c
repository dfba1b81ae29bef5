// flags: -mno-red-zone
// Forms of instructions on memory that others could write: loads, stores, arithmetic, atomics, strings.
#include "prog.h"
#include <immintrin.h>

static char *a; // all of it is shared
static uint64_t sum;

#define MIX(v) (sum = (sum ^ (uint64_t)(v)) * 1099511628211u)
#define FLAGS "pushf; pop %1; and $0x8d5, %1"

// Two-operand arithmetic, to and from memory, with the flags it makes.
#define ARITH(op, sfx, type, in)                                                                 \
	do {                                                                                     \
		type r = in;                                                                     \
		uint64_t f;                                                                      \
		asm volatile(#op #sfx " %2, %0;" FLAGS : "+r"(r), "=&r"(f) : "m"(*(type *)(p + 8)) : "cc"); \
		MIX(r), MIX(f);                                                                  \
		asm volatile(#op #sfx " %2, %0;" FLAGS : "+m"(*(type *)(p + 16)), "=&r"(f) : "r"(r) : "cc"); \
		MIX(f);                                                                          \
		asm volatile("stc;" #op #sfx " $5, %0;" FLAGS : "+m"(*(type *)(p + 24)), "=&r"(f) : : "cc"); \
		MIX(f);                                                                          \
	} while (0)
#define ALL(op, in) ARITH(op, b, uint8_t, in); ARITH(op, w, uint16_t, in); ARITH(op, l, uint32_t, in); ARITH(op, q, uint64_t, in)

#define LOCKED(op, sfx, type)                                                                    \
	do {                                                                                     \
		uint64_t f;                                                                      \
		asm volatile("stc; lock " #op #sfx " %0;" FLAGS : "+m"(*(type *)p), "=&r"(f) : : "cc"); \
		MIX(f), MIX(*(type *)p);                                                         \
	} while (0)

static void arithmetic(char *p, int i)
{
	ALL(add, i);
	ALL(sub, i);
	ALL(adc, i * 7);
	ALL(sbb, i);
	ALL(and, -i);
	ALL(or, i);
	ALL(xor, i * 3);
	ALL(cmp, i);
	LOCKED(inc, b, uint8_t);
	LOCKED(dec, w, uint16_t);
	LOCKED(not, l, uint32_t);
	LOCKED(neg, q, uint64_t);
}

static void atomics(char *p, int i)
{
	uint64_t old = i, f;
	uint32_t w = i * 77;
	asm volatile("lock xaddq %0, %2;" FLAGS : "+r"(old), "=&r"(f), "+m"(*(uint64_t *)p) : : "cc");
	MIX(old), MIX(f);
	long c = i * 9l;
	asm volatile("lock xaddq %0, %2;" FLAGS : "+c"(c), "=&r"(f), "+m"(*(uint64_t *)p) : : "cc");
	old = c;
	MIX(old), MIX(f);
	asm volatile("xchg %0, %1" : "+r"(w), "+m"(*(uint32_t *)(p + 12)));
	MIX(w);
	old = i & 1 ? *(uint64_t *)p : i;
	asm volatile("lock cmpxchgq %3, %2;" FLAGS : "+a"(old), "=&r"(f), "+m"(*(uint64_t *)p) : "r"(i * 5l) : "cc");
	MIX(old), MIX(f);
	asm volatile("lock btsq %2, %0;" "setc %b1" : "+m"(*(uint64_t *)(p + 32)), "=&r"(f) : "i"(13) : "cc");
	MIX(f & 0xff);
	asm volatile("lock orb $3, %0" : "+m"(p[40]) : : "cc");
	unsigned __int128 wide = *(unsigned __int128 *)(p + 48), next = wide + i;
	asm volatile("lock cmpxchg16b %0; setz %b1" : "+m"(*(unsigned __int128 *)(p + 48)), "=&r"(f)
		     : "a"((uint64_t)wide), "d"((uint64_t)(wide >> 64)), "b"((uint64_t)next), "c"((uint64_t)(next >> 64)) : "cc");
	MIX(f & 0xff);
}

static void moves(char *p, int i)
{
	uint64_t r;
	p[1] = i, *(uint16_t *)(p + 2) = i * 3, *(uint32_t *)(p + 4) = i * 5, *(uint64_t *)(p + 8) = i * 0x123456789abl;
	asm volatile("movb $0x5a, %0" : "=m"(p[64]));
	asm volatile("movzbl %1, %k0" : "=r"(r) : "m"(p[1]));
	MIX(r);
	asm volatile("movswq %1, %0" : "=r"(r) : "m"(p[2]));
	MIX(r);
	asm volatile("mov 9(%1), %%ah; movzbl %%ah, %k0" : "=c"(r) : "D"(p) : "rax", "memory");
	MIX(r);
	asm volatile("mov %b1, %%dh; mov %%dh, 65(%0)" : : "D"(p), "c"(i) : "rdx", "memory");
	MIX(p[65]);
	asm volatile("cmp $40, %k2; cmovl %1, %0" : "=r"(r) : "m"(*(uint64_t *)(p + 8)), "r"(i), "0"(7l) : "cc");
	MIX(r);
	asm volatile("cmp $33, %k1; setg %0" : "=m"(p[66]) : "r"(i) : "cc");
	MIX(p[66]);
	asm volatile("imul $3, %1, %0" : "=r"(r) : "m"(*(uint64_t *)(p + 8)) : "cc");
	MIX(r);
	asm volatile("shlq $3, %0; rorw $5, %1" : "+m"(*(uint64_t *)(p + 8)), "+m"(*(uint16_t *)(p + 2)) : : "cc");
	asm volatile("mov 8(%1,%2,2), %0" : "=r"(r) : "r"(p), "r"((long)(i & 15)));
	MIX(r);
	asm volatile("push %1; pop %0" : "=m"(*(uint64_t *)(p + 72)) : "m"(*(uint64_t *)(p + 8)));
	asm volatile("movntiq %1, %0" : "=m"(*(uint64_t *)(p + 80)) : "r"((long)i));
	r = *(uint64_t *)(p + 72) + *(uint64_t *)(p + 80), MIX(r);
}

static void vectors(char *p, int i)
{
	__m128i v = _mm_loadu_si128((void *)p), w = _mm_set1_epi32(i);
	_mm_storeu_si128((void *)(p + 100), _mm_add_epi32(v, w));
	_mm_storel_epi64((void *)(p + 120), v);
	*(float *)(p + 132) = *(float *)(p + 132) * 0.5f + i;
	*(double *)(p + 136) = *(double *)(p + 136) / 3 + i;
	asm volatile("pxor %1, %0" : "+x"(w) : "m"(*(__m128i *)(p + 16)));
	_mm_store_si128((void *)(p + 160), w);
	long double x; // x87
	asm volatile("fldl %1; fldt %2; faddp; fstpt %0" : "=m"(x) : "m"(*(double *)(p + 136)), "m"(*(long double *)(p + 208)));
	asm volatile("fldt %1; fstpt %0" : "=m"(*(long double *)(p + 208)) : "m"(x));
	MIX(hash(p, 224));
}

static void strings(char *p, int i)
{
	static char own[6000];
	void *d = own, *s = p;
	long n = 100 + i, r;
	asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	d = p + PAGE - 50, n = 20;
	asm volatile("rep stosq" : "+D"(d), "+c"(n) : "a"((long)i) : "memory");
	d = p + PAGE - 40, s = own, n = 200;
	asm volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory", "cc");
	MIX(n);
	d = p + 2 * PAGE - 1, s = own + 99, n = 30;
	asm volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	s = p + 8;
	asm volatile("lodsq" : "+S"(s), "=a"(r));
	MIX(r);
	memcpy(own, p, 5000), memcpy(p + 1000, own + 7, 3000), memmove(p + 2000, p + 2100, 700);
	MIX(hash(p, 2 * PAGE)), MIX(strlen(strcpy(p + 300, "a string")));
}

int main(void)
{
	int fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, 3 * PAGE), "ftruncate");
	a = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char private[512] __attribute__((aligned(64))) = {0};
	void (*parts[])(char *, int) = {arithmetic, atomics, moves, vectors};
	for (int i = 0; i < 60; i++) {
		for (int k = 0; k < 4; k++) {
			parts[k](a, i);
			parts[k](i % 3 ? private : a + PAGE - 64, i); // across pages, or none of theirs
		}
		if (i % 20 == 0)
			strings(a, i), printf("%016lx\n", sum);
	}
	for (int i = 3 * PAGE - 40; i < 3 * PAGE; i++) // up to the end
		a[i] = i, MIX(a[i]);
	*(uint64_t *)(a + 3 * PAGE - 8) += 9;
	MIX(hash(a, 3 * PAGE));
	printf("%016lx\n", sum);
}
