// flags: -O2 -ffp-contract=off
// AVX and AVX2: arithmetic, gathers, masked stores, upper halves kept over calls and syscalls.
#include "prog.h"
#include <immintrin.h>

__attribute__((target("avx2,fma,bmi,bmi2"))) static void avx2(void)
{
	float f[8];
	int idx[64], out[8] = {0};
	for (int i = 0; i < 64; i++)
		idx[i] = i * i;
	__m256 x = _mm256_set_ps(8, 7, 6, 5, 4, 3, 2, 1), y = _mm256_setzero_ps();
	for (int i = 0; i < 1000; i++)
		y = _mm256_fmadd_ps(y, _mm256_set1_ps(0.75f), _mm256_div_ps(x, _mm256_set1_ps(i + 1)));
	_mm256_storeu_ps(f, y);
	printf("%a %a\n", f[0], f[7]);
	__m256i g = _mm256_i32gather_epi32(idx, _mm256_set_epi32(63, 1, 2, 60, 4, 5, 31, 7), 4);
	_mm256_maskstore_epi32(out, _mm256_set_epi32(-1, 0, -1, 0, -1, 0, -1, -1), g);
	printf("hash %016lx\n", (long)hash(out, sizeof out));
	uint64_t hi[4];
	asm volatile("vpcmpeqd %%ymm9, %%ymm9, %%ymm9\n mov $39, %%eax\n syscall\n vmovdqu %%ymm9, %0"
	             : "=m"(hi) : : "rax", "rcx", "r11", "xmm9", "memory");
	printf("%lx %lx\n", (long)hi[0], (long)hi[3]);
	printf("%lx %lx %lx\n", (long)_pdep_u64(0x1ff, 0xf0f0f0f0f0f0f0f0), (long)_pext_u64(0x123456789abcdef, 0xff00ff00ff00ff00), (long)_andn_u64(0xff, 0x1234));
	_mm256_zeroupper();
}

int main(void)
{
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
		avx2();
	else
		puts("no AVX2");
}
