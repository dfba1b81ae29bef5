// The program's own GS base: set by arch_prctl and WRGSBASE, used by operands of all forms, one for each thread, inherited by children, unharmed by signals and calls.
#include "prog.h"
#include <asm/prctl.h>
#include <pthread.h>
#include <sys/auxv.h>

static long set(void *base) { return syscall(SYS_arch_prctl, ARCH_SET_GS, base); }

static void *get(void)
{
	void *base = (void *)-1;
	must(syscall(SYS_arch_prctl, ARCH_GET_GS, &base), "ARCH_GET_GS");
	return base;
}

static long at(long off)
{
	long v;
	__asm__ volatile("movq %%gs:(%1), %0" : "=r"(v) : "r"(off));
	return v;
}

static long first(void)
{
	long v;
	__asm__ volatile("movq %%gs:8, %0" : "=r"(v));
	return v;
}

static long indexed(long base, long i)
{
	long v;
	__asm__ volatile("movq %%gs:(%1,%2,8), %0" : "=r"(v) : "r"(base), "r"(i));
	return v;
}

static void operands(void)
{
	static long block[32];
	for (int i = 0; i < 32; i++)
		block[i] = 100 + i;
	result("set", set(block));
	check(get() == block, "get");
	printf("read %ld %ld %ld\n", first(), at(16), indexed(24, 2));
	__asm__ volatile("addq $5, %%gs:8\n\tincl %%gs:16(%0)\n\tmovq $7, %%gs:24" : : "r"(0L) : "memory", "cc");
	__asm__ volatile("lock xaddq %0, %%gs:32" : : "r"(1000L) : "memory", "cc");
	long copy[4] = {0}, *to = copy;
	const long *from = 0;
	long n = 4;
	__asm__ volatile("rep movsq %%gs:(%%rsi), (%%rdi)" : "+S"(from), "+D"(to), "+c"(n) : : "memory");
	printf("copied %ld %ld %ld %ld\n", copy[0], copy[1], copy[2], copy[3]);
	long v[2];
	__asm__ volatile("movups %%gs:8, %%xmm0\n\tmovups %%xmm0, %0\n\tpushq %%gs:40\n\tpopq %%gs:48" : "=m"(v) : : "xmm0", "memory");
	printf("written %ld %ld %ld %ld, %ld %ld\n", block[1], block[2], block[3], block[4], v[0], block[6]);
	static void *target;
	target = &&there;
	block[9] = (long)target;
	__asm__ goto("jmp *%%gs:72" : : : : there);
	puts("WRONG");
there:
	result("set to the kernel's", set((void *)-4096L));
	check(get() == block, "still");
}

static void handler(int sig, siginfo_t *si, void *uc)
{
	static const char *why[] = {"mapped", "none"};
	printf("signal %d, code %d, address %s, gs %ld\n", sig, si->si_code, why[!si->si_addr], sig == SIGSEGV ? 0 : first());
	if (sig == SIGSEGV)
		REG(uc, RIP) += 9; // movq %gs:disp32, %rax
}

static void fault(void *base)
{
	void *before = get();
	set(base);
	__asm__ volatile(".byte 0x65, 0x48, 0x8b, 0x04, 0x25, 8, 0, 0, 0" : : : "rax");
	set(before);
}

static void *thread(void *arg)
{
	volatile long block[4] = {1, (long)arg, 3, 4};
	long sum = 0;
	if (get() == block)
		puts("not inherited");
	set((void *)block);
	for (int i = 0; i < 20000; i++) {
		sum += first() + i;
		if (i % 1000 == 0)
			sched_yield();
	}
	block[3] = sum;
	return (void *)at(24);
}

int main(int argc, char **argv)
{
	check(get() == 0, "at first");
	if (argc > 1)
		return 0;
	operands();
	handle(SIGUSR1, handler, 0), handle(SIGSEGV, handler, 0);
	raise(SIGUSR1);
	fault(pages(1, PROT_NONE));
	fault((void *)0x7fffffffe000);
	pthread_t t[3];
	for (long i = 0; i < 3; i++) {
		void *sum;
		pthread_create(&t[i], 0, thread, (void *)i);
		if (i == 1)
			continue;
		pthread_join(t[i], &sum);
		printf("thread %ld: %ld\n", i, (long)sum);
	}
	void *sum;
	pthread_join(t[1], &sum);
	printf("thread 1: %ld, here %ld\n", (long)sum, first());
	if (getauxval(AT_HWCAP2) & 2) {
		static long other[2] = {1, 77};
		void *was, *now;
		__asm__ volatile("rdgsbase %0\n\twrgsbase %2\n\trdgsbase %1" : "=&r"(was), "=&r"(now) : "r"(other));
		check(now == other && get() == other && first() == 77, "wrgsbase");
		set(was);
	}
	fflush(stdout);
	pid_t child = must(fork(), "fork");
	if (!child) {
		printf("child %ld\n", first());
		fflush(stdout);
		execl("/proc/self/exe", "again", "x", (char *)0);
	}
	waitpid(child, 0, 0);
	printf("parent %ld\n", first());
}
