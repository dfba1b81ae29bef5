// flags: -O2 -mno-red-zone
// usage: storm [ROUNDS [MICROSECONDS [altstack]]]
// A timer fires at a high rate while everything that translation and
// the stubs treat specially runs in loops. Each piece of work has a result
// that does not depend on time; their checksum goes to stdout. What does
// depend on it, the number of signals among others, goes to stderr: a replay
// has to repeat it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long hits;
static volatile uint64_t seen;  // mixed from what the handler saw
static uint64_t sum = 1469598103934665603u;

static void mix(uint64_t v) { sum = (sum ^ v) * 1099511628211u; }

static void die(const char *what)
{
	fprintf(stderr, "wrong: %s after %lu signals\n", what, hits);
	_exit(1);
}

#define CHECK(c) do { if (!(c)) die(#c); } while (0)

// handler clobbers what a handler may.
static void handler(int sig, siginfo_t *si, void *uc)
{
	int e = errno;
	volatile double x = 1.5 * sig;
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	seen = (seen ^ ((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP] ^ ts.tv_nsec) * 1099511628211u;
	asm volatile("std; cld; xor %%eax, %%eax; pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15"
		: : : "rax", "xmm0", "xmm7", "xmm15", "cc");
	(void)si, (void)x;
	getppid();
	hits++;
	errno = e;
}

// Loops in every form, with all other registers holding known values.
static void loops(void)
{
	uint64_t a = 0, b = 0, n = 20000;
	asm volatile("1: add $3, %0\n lea (%0,%1,2), %1\n dec %2\n jnz 1b" : "+r"(a), "+r"(b), "+r"(n) : : "cc");
	mix(a), mix(b);

	// The carry lives across the back edge.
	uint64_t c = 0, x = 0x9e3779b97f4a7c15;
	n = 20000, a = 7;
	asm volatile("clc\n 1: adc %3, %0\n adc $0, %1\n lea -1(%2), %2\n rcl $1, %0\n setc %b1\n bt $0, %1\n"
		"inc %2\n dec %2\n jnz 1b" : "+r"(a), "+r"(c), "+r"(n) : "r"(x) : "cc");
	mix(a), mix(c);

	// No register is free.
	uint64_t out[14];
	asm volatile("push %%rbx; push %%rbp; push %%rdi\n"
		"mov $5000, %%ecx; mov $1, %%eax; mov $2, %%ebx; mov $3, %%edx; mov $4, %%esi; mov $5, %%edi\n"
		"mov $6, %%ebp; mov $7, %%r8d; mov $8, %%r9d; mov $9, %%r10d; mov $10, %%r11d; mov $11, %%r12d\n"
		"mov $12, %%r13d; mov $13, %%r14d; mov $14, %%r15d\n"
		"1: add %%rbx, %%rax; add %%rdx, %%rbx; add %%rsi, %%rdx; add %%rdi, %%rsi; add %%rbp, %%rdi; add %%r8, %%rbp\n"
		"add %%r9, %%r8; add %%r10, %%r9; add %%r11, %%r10; add %%r12, %%r11; add %%r13, %%r12; add %%r14, %%r13\n"
		"add %%r15, %%r14; add %%rcx, %%r15; sub $1, %%rcx; jnz 1b\n"
		"xor %%rbx, %%rax; xor %%rdx, %%rax; xor %%rsi, %%rax; xor %%rdi, %%rax; xor %%rbp, %%rax; xor %%r8, %%rax\n"
		"xor %%r9, %%rax; xor %%r10, %%rax; xor %%r11, %%rax; xor %%r12, %%rax; xor %%r13, %%rax; xor %%r14, %%rax\n"
		"xor %%r15, %%rax\n pop %%rdi; pop %%rbp; pop %%rbx\n mov %%rax, (%%rdi)"
		: : "D"(out) : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	mix(out[0]);

	// A loop that is left in the middle, and entered again.
	for (int i = 0; i < 50; i++) {
		uint64_t k = i, s = 0;
		asm volatile("1: add %0, %1\n inc %0\n cmp $200, %0\n ja 2f\n test $127, %0\n jnz 1b\n xor $5, %1\n jmp 1b\n 2:"
			: "+r"(k), "+r"(s) : : "cc");
		mix(k), mix(s);
	}

	uint64_t lc = 3000, ls = 0;
	asm volatile("1: add %%rcx, %0\n loop 1b" : "+r"(ls), "+c"(lc) : : "cc");
	mix(ls), mix(lc);
	lc = 3000;
	asm volatile("1: jrcxz 2f\n lea -1(%%rcx), %%rcx\n add %%rcx, %0\n jmp 1b\n 2:" : "+r"(ls), "+c"(lc) : : "cc");
	mix(ls);

	// The red zone.
	uint64_t z = 0;
	n = 5000;
	asm volatile("1: mov %1, -8(%%rsp)\n mov %0, -128(%%rsp)\n add -8(%%rsp), %0\n xor -128(%%rsp), %0\n dec %1\n jnz 1b"
		: "+r"(z), "+r"(n) : : "memory", "cc");
	mix(z);
}

static uint64_t f0(uint64_t x) { return x * 3 + 1; }
static uint64_t f1(uint64_t x) { return x ^ x >> 7; }
static uint64_t f2(uint64_t x) { return x - (x << 3); }
static uint64_t f3(uint64_t x) { return (x << 5 | x >> 59) + 11; }
static uint64_t (*volatile table[4])(uint64_t) = {f0, f1, f2, f3};

__attribute__((noinline)) static uint64_t deep(int n) { return n < 2 ? n : deep(n - 1) + deep(n - 2) * 3; }

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void calls(void)
{
	uint64_t x = 42;
	for (int i = 0; i < 20000; i++)
		x = table[x & 3](x);
	mix(x), mix(deep(17));
	static uint32_t v[2000];
	uint32_t r = 1;
	for (int i = 0; i < 2000; i++)
		v[i] = r = r * 1664525 + 1013904223;
	qsort(v, 2000, sizeof *v, compare);
	for (int i = 0; i < 2000; i++)
		mix(v[i]);
	for (int i = 1; i < 40; i++) {
		switch (i * 7 % 11) {
		case 0: x += 3; break;
		case 1: x ^= 9; break;
		case 2: x *= 5; break;
		case 3: x -= 77; break;
		case 4: x = ~x; break;
		case 5: x <<= 1; break;
		default: x++;
		}
	}
	mix(x);
}

static void strings(void)
{
	static unsigned char a[70000], b[70000];
	for (int round = 0; round < 4; round++) {
		void *d = a;
		const void *s = b;
		uint64_t n = 65536, left;
		asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(round + 1) : "memory");
		CHECK(n == 0 && d == a + 65536);
		for (int i = 0; i < 65536; i += 97)
			a[i] = i;
		d = b, s = a, n = 8192;
		asm volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
		CHECK(n == 0 && d == b + 65536);
		d = b, s = a, n = 65536;
		asm volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory", "cc");
		CHECK(n == 0);
		b[60000] = 0xee;
		d = b, n = 65536;
		asm volatile("repne scasb" : "+D"(d), "+c"(n) : "a"(0xee) : "memory", "cc");
		left = n;
		mix(left);
		// Backwards.
		d = b + 9999, s = a + 9999, n = 10000;
		asm volatile("std\n rep movsb\n cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory", "cc");
		CHECK(n == 0);
		for (int i = 0; i < 65536; i += 31)
			mix(b[i]);
	}
}

static void calls_of_the_kernel(void)
{
	int p[2], zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
	CHECK(zero >= 0 && null >= 0 && pipe(p) == 0);
	char buf[300], got[300];
	for (int i = 0; i < 300; i++) {
		memset(buf, i, sizeof buf);
		CHECK(read(zero, buf, 100) == 100 && buf[0] == 0 && buf[99] == 0 && buf[100] == (char)i);
		CHECK(write(p[1], buf, sizeof buf) == sizeof buf);
		struct iovec v[3] = {{got, 7}, {got + 7, 200}, {got + 207, 93}};
		CHECK(readv(p[0], v, 3) == sizeof got && memcmp(buf, got, sizeof buf) == 0);
		CHECK(write(null, buf, i) == i);
		CHECK(getppid() == syscall(SYS_getppid));
		struct stat st;
		CHECK(fstat(zero, &st) == 0 && S_ISCHR(st.st_mode));
		CHECK(read(-1, buf, 1) == -1 && errno == EBADF);
		CHECK(syscall(SYS_write, 1, (void *)1, 1) == -1 && errno == EFAULT);
		int ready;
		CHECK(ioctl(p[0], FIONREAD, &ready) == 0 && ready == 0);
		sigset_t set, old;
		sigemptyset(&set), sigaddset(&set, SIGALRM);
		CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
		unsigned long before = hits;
		for (volatile int k = 0; k < 200; k++)
			;
		CHECK(hits == before);
		CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0 && !sigismember(&old, SIGALRM));
	}
	for (int i = 0; i < 5; i++) {
		struct timespec t = {0, 700000}, rem = {-1, -1};
		int r = nanosleep(&t, &rem);
		CHECK(r == 0 || errno == EINTR && rem.tv_sec == 0 && rem.tv_nsec < 1000000);
		struct pollfd f = {p[0], POLLIN, 0};
		r = poll(&f, 1, 1);
		CHECK(r == 0 || r == -1 && errno == EINTR);
		// A read that has to wait for the handler, and goes on by itself.
		struct itimerval it;
		getitimer(ITIMER_REAL, &it);
	}
	close(p[0]), close(p[1]), close(zero), close(null);
}

static void clocks(void)
{
	uint64_t last = 0;
	struct timespec t, before = {0, 0};
	for (int i = 0; i < 3000; i++) {
		uint32_t lo, hi, aux, b = 0xb0b0b0b0;
		asm volatile("rdtsc" : "=a"(lo), "=d"(hi));
		uint64_t now = (uint64_t)hi << 32 | lo;
		CHECK(now >= last);
		asm volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
		last = (uint64_t)hi << 32 | lo;
		CHECK(last >= now);
		seen = (seen ^ last) * 1099511628211u;
		CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
		CHECK(t.tv_sec > before.tv_sec || t.tv_sec == before.tv_sec && t.tv_nsec >= before.tv_nsec);
		before = t;
		if (i % 16 == 0) {
			struct timeval tv;
			gettimeofday(&tv, NULL);
			CHECK(tv.tv_sec - time(NULL) <= 1);
			CHECK(sched_getcpu() >= 0);
			uint32_t eax = 0, ecx = 0, edx;
			asm volatile("cpuid" : "+a"(eax), "=b"(b), "+c"(ecx), "=d"(edx));
			mix(b), mix(ecx);
		}
	}
}

static void vectors(void)
{
	double d = 1, e = 0;
	long double l = 1;
	for (int i = 1; i < 20000; i++) {
		d = d * 1.0000001 + 1.0 / i;
		e += d / (i + 1);
		l = l * 1.0000001L + 1.0L / i;
	}
	uint64_t u;
	memcpy(&u, &d, 8), mix(u);
	memcpy(&u, &e, 8), mix(u);
	memcpy(&u, &l, 8), mix(u);
	uint64_t n = 20000, out[4] = {0, 0, 0, 0}, one[2] = {1, 3};
	asm volatile("movdqu %2, %%xmm7\n pxor %%xmm0, %%xmm0\n pxor %%xmm15, %%xmm15\n"
		"1: paddq %%xmm7, %%xmm0\n pxor %%xmm0, %%xmm15\n psllq $1, %%xmm15\n dec %0\n jnz 1b\n"
		"movdqu %%xmm0, (%1)\n movdqu %%xmm15, 16(%1)" : "+r"(n) : "r"(out), "m"(one) : "xmm0", "xmm7", "xmm15", "cc", "memory");
	for (int i = 0; i < 4; i++)
		mix(out[i]);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 20, every = argc > 2 ? atoi(argv[2]) : 200;
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
	if (argc > 3) {
		stack_t ss = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
		sigaltstack(&ss, NULL);
		sa.sa_flags |= SA_ONSTACK;
	}
	sigaction(SIGALRM, &sa, NULL);
	struct itimerval it = {{0, every}, {0, every}};
	setitimer(ITIMER_REAL, &it, NULL);
	for (int i = 0; i < rounds; i++)
		loops(), calls(), strings(), vectors(), calls_of_the_kernel(), clocks();
	memset(&it, 0, sizeof it);
	setitimer(ITIMER_REAL, &it, NULL);
	printf("checksum %016lx\n", sum);
	fflush(stdout);
	fprintf(stderr, "%lu signals, seen %016lx\n", hits, seen);
	return hits == 0;
}
