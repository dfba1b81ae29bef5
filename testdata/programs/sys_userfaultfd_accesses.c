// userfaultfd: all kinds of instructions wait for pages: calls, returns, strings, atomics, across pages, with signals meanwhile.
#include "userfault.h"
#include <immintrin.h>
#include <sys/time.h>

enum { N = 200 };
static int fd, next;
static volatile int served, alarms;
static char *p;

static void *serve(void *arg)
{
	static long source[PAGE / 8];
	struct uffd_msg m;
	while (read(fd, &m, sizeof m) == sizeof m) {
		unsigned long page = (m.arg.pagefault.address - (uintptr_t)p) / PAGE;
		for (int i = 0; i < PAGE / 8; i++)
			source[i] = page * 1000 + i % 250;
		usleep(page % 3 * 1000);
		// Who was interrupted by a signal has asked again: the page may be there.
		if (page % 5 == 4) {
			struct uffdio_zeropage z = {{m.arg.pagefault.address & -PAGE, PAGE}};
			served += ioctl(fd, UFFDIO_ZEROPAGE, &z) == 0;
		} else {
			served += provide(fd, m.arg.pagefault.address, source) == PAGE;
		}
	}
	return 0;
}

static void alarmed(int sig)
{
	alarms++;
}

// fresh returns the end of a page that nobody has touched, with another behind it.
static char *fresh(void)
{
	next += 2;
	return p + (next - 1) * PAGE;
}

static void *on_served_stack(void *arg)
{
	volatile char deep[5 * PAGE];
	deep[0] = 1;
	deep[4 * PAGE] = 2;
	return (void *)(long)(deep[0] + deep[4 * PAGE]);
}

static long target(void)
{
	return 77;
}

static void instructions(void)
{
	long v = 5, w;
	char *at = fresh();
	__asm__ volatile("mov -3(%1), %0" : "=r"(v) : "r"(at)); // across pages
	printf("unaligned %lx\n", v);
	at = fresh();
	__asm__ volatile("mov %0, -3(%1)" : : "r"(v), "r"(at) : "memory");
	printf("stored %lx %lx\n", *(long *)(at - 8), *(long *)at);
	at = fresh();
	__asm__ volatile("lock xaddl %k0, 100(%1)" : "+r"(v) : "r"(at) : "memory");
	printf("xadd %lx\n", v);
	at = fresh();
	__asm__ volatile("xchg %0, 8(%1)" : "+r"(v) : "r"(at) : "memory");
	printf("xchg %lx\n", v);
	at = fresh();
	__asm__ volatile("push 16(%1)\n\tpop %0" : "=r"(v) : "r"(at) : "memory");
	printf("push %lx\n", v);
	at = fresh();
	__asm__ volatile("mov %%rsp, %0\n\tlea 64(%1), %%rsp\n\tpop %1\n\tpush %0\n\tpush %0\n\tmov %0, %%rsp"
			 : "=&r"(w), "+r"(at) : : "memory");
	printf("pop %lx\n", (long)at);
	at = fresh();
	__asm__ volatile("mov %%rsp, %%rbx\n\tmov %1, %%rsp\n\tcall *%2\n\tmov %%rbx, %%rsp"
			 : "=a"(v) : "r"(at - PAGE + 512), "r"(target) : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
	printf("call %ld\n", v);
	at = fresh();
	__asm__ volatile("mov 24(%1), %%ecx\n\tinc %%ecx\n1:\tloop 1b\n\tcmpb $3, -8(%1)\n\tsete %b0" : "=r"(v) : "r"(at) : "rcx");
	printf("flags %x\n", (unsigned char)v);
	char *from = fresh(), *to = fresh(), *si = from - 700, *di = to - 900;
	long n = 1500;
	__asm__ volatile("rep movsb" : "+S"(si), "+D"(di), "+c"(n) : : "memory");
	printf("movsb %x %x %ld\n", to[-1] & 255, to[500] & 255, n);
	to = fresh(), di = to - 800, n = 300;
	__asm__ volatile("rep stosq" : "+D"(di), "+c"(n) : "a"(0x1122334455667788) : "memory");
	printf("stosq %x %x\n", to[-1], to[1]);
	to = fresh(), di = to - 100, n = 3000;
	__asm__ volatile("repne scasb" : "+D"(di), "+c"(n) : "a"(123) : "memory");
	printf("scasb %ld %ld\n", (long)(di - to), n);
	at = fresh();
	printf("libc %d", memcmp(fresh() - 300, at - 300, 800) > 0);
	printf(" %zu", strnlen(fresh() - PAGE / 2 + 1, PAGE));
	memset(fresh() - 10, 7, 20);
	memmove(fresh() - 200, fresh() - 300, 600);
	printf(" %x\n", p[next * PAGE - PAGE - 1]);
}

__attribute__((target("avx2"))) static void vectors(void)
{
	char *at = fresh();
	__m256i i = _mm256_set_epi32(0, 1000, 2000, -900, 4, 1023, 500, -1), g;
	g = _mm256_i32gather_epi32((int *)at, i, 4);
	int out[8], *to = (int *)(fresh() - 16);
	_mm256_storeu_si256((void *)out, g);
	_mm256_storeu_si256((void *)to, g);
	for (int k = 0; k < 8; k++)
		printf("%x/%x ", out[k], to[k]);
	printf("\n");
}

int main(void)
{
	if ((fd = uffd()) < 0) {
		printf("no userfaultfd\n");
		return 0;
	}
	p = pages(N, PROT_READ | PROT_WRITE);
	watch(fd, p, N * PAGE, UFFDIO_REGISTER_MODE_MISSING);
	sigset_t alarm;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, 0);
	start(serve, 0);
	// The kernel could not store a frame on a page that is not there.
	stack_t other = {.ss_sp = pages(16, PROT_READ | PROT_WRITE), .ss_size = 16 * PAGE};
	sigaltstack(&other, 0);
	struct sigaction sa = {.sa_handler = alarmed, .sa_flags = SA_ONSTACK | SA_RESTART};
	sigaction(SIGALRM, &sa, 0);
	pthread_sigmask(SIG_UNBLOCK, &alarm, 0);
	struct itimerval every = {{0, 700}, {0, 700}};
	setitimer(ITIMER_REAL, &every, 0);
	instructions();
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2"))
		vectors();
	pthread_attr_t a;
	pthread_attr_init(&a);
	pthread_attr_setstack(&a, p + 100 * PAGE, 40 * PAGE);
	pthread_t t;
	pthread_sigmask(SIG_BLOCK, &alarm, 0);
	fine(pthread_create(&t, &a, on_served_stack, 0), "pthread_create");
	printf("stack %ld\n", join(t));
	memset(&every, 0, sizeof every);
	setitimer(ITIMER_REAL, &every, 0);
	int zero = open("/dev/zero", O_RDONLY);
	char *at = fresh();
	result("the kernel stores", read(zero, at, 8));
	result("a path", access(at, F_OK));
	at[0] = 1;
	result("the kernel stores", read(zero, at, 8));
	printf("%s, %s\n", served > 20 ? "served" : "not served", alarms > 3 ? "alarms" : "none");
}
