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

// masked reads with masks, which suppress the faults of what is masked out.
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq"))) static void masked(void)
{
	unsigned char *end = mem + 2 * PAGE, out[64];
	for (int i = 0; i < 64; i++)
		end[i - 64] = i * 5;
	for (int pass = 0; pass < 4; pass++) {
		unsigned k1, k2;
		__asm__ volatile("vpxord %%zmm16, %%zmm16, %%zmm16\n\t"
				 "kmovd %4, %%k2\n\t"
				 "kxord %%k3, %%k3, %%k3\n\t"
				 "vmovdqu64 -64(%3), %%zmm17\n\t"
				 "vpcmpeqb -64(%3), %%ymm17, %%k1%{%%k2%}\n\t"
				 "kmovd %%k1, %0\n\t"
				 "vpcmpub $1, -16(%3), %%ymm17, %%k1%{%%k2%}\n\t" // its last half is behind the end
				 "kmovd %%k1, %1\n\t"
				 "vpaddd -60(%3)%{1to16%}, %%zmm17, %%zmm16%{%%k2%}\n\t"
				 "vpaddq 64(%5)%{1to8%}, %%zmm16, %%zmm16\n\t"
				 "vpexpandd -32(%3), %%zmm18%{%%k2%}%{z%}\n\t"
				 "vpaddd %%zmm18, %%zmm16, %%zmm16\n\t"
				 "vmovdqu8 -3(%3), %%zmm18%{%%k3%}\n\t"
				 "vpmovzxbd -16(%3), %%zmm18%{%%k2%}%{z%}\n\t"
				 "vpaddd %%zmm18, %%zmm16, %%zmm16\n\t"
				 "vmovdqu64 %%zmm16, (%2)"
				 : "=&r"(k1), "=&r"(k2) : "r"(out), "r"(end), "r"(0x5a3cu), "r"(mem + 700)
				 : "memory", "k1", "k2", "k3", "xmm16", "xmm17", "xmm18");
		unsigned long s = 0;
		for (int i = 0; i < 64; i++)
			s = s * 31 + out[i];
		end[-1 - pass] ^= 0x11;
		printf("masked %d: %x %x %lx\n", pass, k1, k2, s);
	}
}

// strings compares strings at all offsets, to the mapping's end.
static void strings(void)
{
	char *a = (char *)mem + 100, *b = (char *)mem + 2 * PAGE - 120;
	int s = 0;
	for (int i = 0; i < 60; i++) {
		strcpy(a + i, "the same, up to here, and then not; more than a register has");
		strcpy(b + i % 50, a + i);
		b[i % 50 + i] ^= i & 1;
		s = s * 3 + (strcmp(a + i, b + i % 50) > 0) + strncmp(a + i, b + i % 50, i + 1);
		s += strcasecmp(a + i, b + i % 50) + (strchr(b, 'x') != 0) + (int)strlen(b) + (int)strspn(a, "the sam");
	}
	printf("strings: %x\n", s);
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
	mem = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	munmap(mem + 2 * PAGE, PAGE);
	if (fork() == 0)
		_exit(0);
	wait(0);
	for (int i = 0; i < PAGE; i++)
		mem[i] = i * 7 + i / 256;
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
		instructions();
		masked();
		many();
	}
	strings();
	for (int n = 1; n < 2000; n += n / 2 + 3) {
		memset(mem + n, n, n);
		memmove(mem + n + 3, mem + 7, n);
		mem[n + 100] = 0;
		printf("%d: %lx, %zu, %d, %td\n", n, sum(), strlen((char *)mem + n), memcmp(mem, mem + n, n) > 0,
		       (unsigned char *)memchr(mem, 0, PAGE) - mem);
	}
}
