// flags: -O2 -msse2
// Asynchronous signals keep every register: integer, SSE and x87 computations come out the same.
#include "prog.h"
#include <sys/time.h>

static volatile int ticks;
static volatile double sink;
static void tick(int sig, siginfo_t *si, void *uc)
{
	sink = sink * 1.5 + 3.25;
	asm volatile("fninit\n pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm15, %%xmm15\n std\n cld\n stc" : : : "xmm0", "xmm15", "cc");
	ticks++;
}

static __attribute__((noinline)) uint64_t work(int n)
{
	uint64_t a = 1, b = 2, c = 3, h;
	double x = 1.25, y = 0.75;
	long double z = 1.0L;
	for (int i = 1; i <= n; i++) {
		a = a * 6364136223846793005u + b, b ^= a >> 29, c += b << (i & 15);
		x = x * 1.0000001 + y / i, y = y * 0.999 + 1e-9 * i;
		z = z * 1.00001L + (long double)i / 7;
	}
	memcpy(&h, &x, 8);
	return a ^ b ^ c ^ h ^ (uint64_t)(z * 1e-3L);
}

int main(void)
{
	handle(SIGALRM, tick, 0);
	uint64_t want = work(20000), bad = 0;
	struct itimerval it = {{0, 700}, {0, 700}};
	setitimer(ITIMER_REAL, &it, 0);
	for (int i = 0; ticks < 30; i++)
		bad += work(20000) != want;
	it = (struct itimerval){0};
	setitimer(ITIMER_REAL, &it, 0);
	printf("%lu wrong\n", (long)bad);
}
