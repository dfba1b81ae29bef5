// cpuid and xgetbv: the same each time, consistent with each other; registers in full.
#include "prog.h"
#include <cpuid.h>

int main(void)
{
	unsigned a, b, c, d, a2, b2, c2, d2;
	char vendor[13] = {0};
	int same = 1;
	__cpuid(0, a, b, c, d);
	memcpy(vendor, &b, 4), memcpy(vendor + 4, &d, 4), memcpy(vendor + 8, &c, 4);
	check(strlen(vendor) == 12 && a >= 1, "vendor");
	for (unsigned leaf = 0; leaf <= 7; leaf++) {
		__cpuid_count(leaf, 0, a, b, c, d);
		for (int i = 0; i < 50; i++) {
			__cpuid_count(leaf, 0, a2, b2, c2, d2);
			if (leaf == 1) // the APIC number of the CPU that we happen to run on
				b2 = b;
			same &= leaf == 4 || leaf == 2 || (a == a2 && b == b2 && c == c2 && d == d2);
		}
	}
	check(same, "the same each time");
	__cpuid(1, a, b, c, d);
	check((d & bit_SSE2) != 0, "SSE2");
	check(!__builtin_cpu_supports("avx") == !(c & bit_AVX), "AVX as libgcc sees it");
	if (c & bit_OSXSAVE) {
		unsigned lo, hi;
		asm volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
		check((lo & 3) == 3, "x87 and SSE enabled");
		check(!(c & bit_AVX) || (lo & 4), "AVX enabled");
		__cpuid_count(13, 0, a, b, c, d);
		check((a & lo) == lo, "within what the CPU has");
		check(b >= 576, "size of the XSAVE area");
	}
	uint64_t ra = ~0ul, rb = ~0ul, rc = 0, rd = ~0ul;
	asm volatile("mov $0, %%eax\n cpuid" : "+a"(ra), "+b"(rb), "+c"(rc), "+d"(rd));
	check(!(ra >> 32) && !(rb >> 32) && !(rc >> 32) && !(rd >> 32), "upper halves");
}
