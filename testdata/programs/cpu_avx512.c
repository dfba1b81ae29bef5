// flags: -O2
// AVX-512: masks, broadcasts, compressed displacement, registers 16-31 over syscalls and signals.
#include "prog.h"
#include <immintrin.h>

static void handler(int sig, siginfo_t *si, void *uc)
{
	if (__builtin_cpu_supports("avx512f"))
		asm volatile("vpxorq %%zmm17, %%zmm17, %%zmm17\n kxorw %%k3, %%k3, %%k3" : : : "memory");
}

__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq"))) static void avx512(void)
{
	uint64_t a[64], r[8], k;
	for (int i = 0; i < 64; i++)
		a[i] = i * 0x9e3779b97f4a7c15u;
	__m512i v = _mm512_loadu_si512(a + 8), w = _mm512_set1_epi64(a[3]);
	v = _mm512_mask_add_epi64(v, 0xa5, v, w);
	v = _mm512_ternarylogic_epi64(v, w, _mm512_loadu_si512(a + 24), 0x96);
	_mm512_storeu_si512(r, v);
	printf("hash %016lx\n", (long)hash(r, 64));
	printf("%x\n", _mm512_cmpgt_epi64_mask(v, w));
	asm volatile("vpternlogd $0xff, %%zmm17, %%zmm17, %%zmm17\n mov $0x5a5a, %%eax\n kmovw %%eax, %%k3\n"
	             "mov $39, %%eax\n syscall\n"
	             "mov %%eax, %%edi\n mov $10, %%esi\n mov $62, %%eax\n syscall\n"
	             "vmovdqu64 %%zmm17, %0\n kmovw %%k3, %%eax\n mov %%rax, %1"
	             : "=m"(r), "=m"(k) : : "rax", "rcx", "r11", "rdi", "rsi", "memory");
	printf("%lx %lx %lx\n", (long)r[0], (long)r[7], (long)k);
}

int main(void)
{
	handle(SIGUSR1, handler, 0);
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
		avx512();
	else
		puts("no AVX-512");
}
