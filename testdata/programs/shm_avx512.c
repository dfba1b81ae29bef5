// AVX-512 instructions on shared memory: registers 16-31, scaled displacements, masks, broadcasts, the C library's functions.
#include "prog.h"
#include <immintrin.h>

static unsigned char *mem;

static unsigned long sum(void)
{
	unsigned long s = 0;
	for (int i = 0; i < PAGE; i++)
		s = s * 31 + mem[i];
	return s;
}

__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq"))) static void instructions(void)
{
	for (int pass = 0; pass < 4; pass++) { // seldom, then often: other code
		__asm__ volatile("vmovdqu64 32(%0), %%ymm17\n\t"
				 "vpaddd (%0), %%ymm17, %%ymm18\n\t"
				 "vmovdqu8 %%ymm18, 64(%0)\n\t"
				 "vmovdqa64 %%xmm18, 112(%0)\n\t"
				 "vmovdqu64 %%ymm18, -32(%0,%1,4)\n\t"
				 "vmovups 4064(%0), %%ymm31\n\t"
				 "vaddps %%ymm31, %%ymm31, %%ymm31\n\t"
				 "vmovups %%ymm31, 1001(%0)\n\t"
				 "vmovq %%xmm18, 400(%0)\n\t"
				 "vpextrd $1, %%xmm18, 412(%0)\n\t"
				 "vmovss 36(%0), %%xmm20\n\t"
				 "vmovss %%xmm20, 420(%0)"
				 : : "r"(mem), "r"(128L) : "memory", "xmm17", "xmm18", "xmm20", "xmm31");
		__m512i z = _mm512_loadu_si512(mem + 130);
		_mm512_storeu_si512(mem + 1500, _mm512_add_epi8(z, _mm512_set1_epi8(pass)));
		__m256i m = _mm256_maskz_loadu_epi8(0x5555aaaa, mem + 200);
		_mm256_mask_storeu_epi16(mem + 1700, 0x0ff5, m);
		__m256i b = _mm256_add_epi32(m, _mm256_set1_epi32(*(int *)(mem + 300)));
		_mm256_storeu_si256((void *)(mem + 1800), b);
		mem[2000] = _mm256_cmpeq_epi8_mask(b, _mm256_loadu_si256((void *)(mem + 500)));
		printf("pass %d: %lx\n", pass, sum());
	}
}

// many makes so many loads, and few jumps, that the log's window ends between two of them.
__attribute__((target("avx512f,avx512bw"))) static void many(void)
{
	__m512i s = _mm512_setzero_si512();
	unsigned char out[64];
	for (int i = 0; i < 1000; i++)
		__asm__ volatile(".rept 40\n\tvpaddb 3(%1), %0, %0\n\t.endr" : "+v"(s) : "r"(mem + i) : "memory");
	_mm512_storeu_si512(out, s);
	printf("many: %x %x\n", out[0], out[63]);
}

int main(void)
{
	mem = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fork() == 0)
		_exit(0);
	wait(0);
	for (int i = 0; i < PAGE; i++)
		mem[i] = i * 7 + i / 256;
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
		instructions();
		many();
	}
	for (int n = 1; n < 2000; n += n / 2 + 3) {
		memset(mem + n, n, n);
		memmove(mem + n + 3, mem + 7, n);
		mem[n + 100] = 0;
		printf("%d: %lx, %zu, %d, %td\n", n, sum(), strlen((char *)mem + n), memcmp(mem, mem + n, n) > 0,
		       (unsigned char *)memchr(mem, 0, PAGE) - mem);
	}
}
