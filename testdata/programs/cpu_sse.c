// flags: -O2 -msse4.2 -ffp-contract=off
// SSE arithmetic, shuffles, comparisons, MXCSR, string instructions, MMX.
#include "prog.h"
#include <immintrin.h>

int main(void)
{
	float f[4];
	double d[2];
	uint8_t b[16];
	__m128 x = _mm_set_ps(4, 3, 2, 1), y = _mm_setzero_ps();
	for (int i = 0; i < 1000; i++)
		y = _mm_add_ps(_mm_mul_ps(y, _mm_set1_ps(0.99f)), _mm_div_ps(x, _mm_set1_ps(i + 1)));
	_mm_storeu_ps(f, y);
	printf("%a %a %a %a\n", f[0], f[1], f[2], f[3]);
	_mm_storeu_pd(d, _mm_sqrt_pd(_mm_set_pd(2, 3)));
	printf("%a %a\n", d[0], d[1]);
	__m128i v = _mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
	v = _mm_shuffle_epi8(_mm_mullo_epi16(v, v), _mm_set1_epi32(0x03010200));
	v = _mm_xor_si128(_mm_sad_epu8(v, _mm_setzero_si128()), _mm_srli_si128(v, 3));
	_mm_storeu_si128((void *)b, v);
	printf("hash %016lx\n", (long)hash(b, 16));
	printf("%d %d\n", _mm_cmpistri(_mm_loadu_si128((void *)"hello, world...."), _mm_set1_epi8('w'), 0), _mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_set1_epi8(3))));
	unsigned csr = _mm_getcsr();
	_mm_setcsr(csr | 0x6000);
	volatile float one = 1, three = 3;
	printf("%a", one / three);
	_mm_setcsr(csr);
	printf(" %a\n", one / three);
	printf("crc %x popcnt %d\n", _mm_crc32_u32(1, 0x12345678), (int)_mm_popcnt_u64(0xf0f0f0f0f0));
	uint64_t m = 0;
	asm volatile("movq %1, %%mm0\n paddb %%mm0, %%mm0\n pshufw $0x1b, %%mm0, %%mm1\n movq %%mm1, %0\n emms" : "=r"(m) : "r"(0x0102030405060708) : "mm0", "mm1");
	printf("mmx %lx\n", (long)m);
}
