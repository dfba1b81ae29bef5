// rdrand, rdseed and rdpid, in all sizes.
#include "prog.h"
#include <cpuid.h>

int main(void)
{
	unsigned a, b, c, d, n7b = 0, n7c = 0;
	__cpuid(1, a, b, c, d);
	int rdrand = (c & bit_RDRND) != 0;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		n7b = b, n7c = c;
	if (rdrand) {
		uint64_t or64 = 0, x;
		uint32_t or32 = 0, y;
		uint16_t w;
		unsigned char ok;
		int good = 0, upper = 1;
		for (int i = 0; i < 200; i++) {
			asm volatile("rdrand %0\n setc %1" : "=r"(x), "=qm"(ok) : : "cc");
			good += ok, or64 |= x;
			asm volatile("mov $-1, %%rax\n rdrand %%eax\n setc %1" : "=a"(x), "=qm"(ok) : : "cc");
			good += ok, upper &= x >> 32 == 0;
			asm volatile("rdrand %0\n setc %1" : "=r"(y), "=qm"(ok) : : "cc");
			good += ok, or32 |= y;
			x = 0x1122334455667788;
			asm volatile("rdrand %w0\n setc %1" : "+r"(x), "=qm"(ok) : : "cc");
			upper &= x >> 16 == 0x112233445566;
			w = x;
			(void)w;
		}
		check(good > 500 && or64 == ~0ul && or32 == ~0u && upper, "rdrand");
	}
	if (n7b & bit_RDSEED) {
		uint64_t or64 = 0, x;
		for (int i = 0; i < 2000; i++) {
			asm volatile("rdseed %0" : "=r"(x) : : "cc");
			or64 |= x;
		}
		check(or64 != 0, "rdseed");
	}
	if (n7c & bit_RDPID) {
		uint64_t p;
		asm volatile("rdpid %0" : "=r"(p));
		check((p & 0xfff) < 4096 && p >> 32 == 0, "rdpid");
	}
	puts("end");
}
