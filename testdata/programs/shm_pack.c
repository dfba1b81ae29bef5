// SSE instructions on shared memory whose opcodes look like prefixes: PACKUSWB, PCMPGTB, PCMPGTW.
#include "prog.h"
#include <emmintrin.h>

int main(void)
{
	short *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (pid == 0) {
		for (int i = 0; i < 64; i++)
			shared[i] = (short)(i * 37 - 900);
		_exit(0);
	}
	must(waitpid(pid, 0, 0), "waitpid");
	__m128i a = _mm_set1_epi16(100), r[4];
	for (int round = 0; round < 3; round++) {
		r[0] = r[1] = r[2] = r[3] = a;
		__asm__ volatile("packuswb (%4), %0\n\tpcmpgtb 16(%4), %1\n\tpcmpgtw 32(%4), %2\n\tpcmpgtd 48(%4), %3"
			: "+x"(r[0]), "+x"(r[1]), "+x"(r[2]), "+x"(r[3]) : "r"(shared) : "memory");
		printf("%016lx\n", hash(r, sizeof r));
		shared[round]++;
	}
}
