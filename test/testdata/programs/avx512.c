// AVX-512 with masks, all 32 registers, and values that live over calls.
// flags: -O2 -mavx512f -mavx512vl -mavx512bw -mavx512dq
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	int32_t *v = aligned_alloc(64, 1 << 16);
	for (int i = 0; i < 1 << 14; i++)
		v[i] = i * 2654435761u;
	__m512i acc[16];
	for (int i = 0; i < 16; i++)
		acc[i] = _mm512_set1_epi32(i);
	for (int round = 0; round < 200; round++)
		for (int i = 0; i < 1 << 14; i += 256)
			for (int j = 0; j < 16; j++) {
				__m512i x = _mm512_load_si512(v + i + j * 16);
				__mmask16 m = _mm512_cmplt_epi32_mask(x, acc[j]);
				acc[j] = _mm512_mask_add_epi32(_mm512_rol_epi32(acc[j], 7), m, acc[j], x);
			}
	uint64_t sum = 0;
	for (int j = 0; j < 16; j++)
		sum = sum * 31 + (uint32_t)_mm512_reduce_add_epi32(acc[j]);
	printf("%llx\n", (unsigned long long)sum);
	__m512d d = _mm512_set1_pd(1.5);
	for (int i = 0; i < 100000; i++)
		d = _mm512_fmadd_pd(d, _mm512_set1_pd(0.999), _mm512_set1_pd(i));
	printf("%a\n", _mm512_reduce_add_pd(d));
	return 0;
}
