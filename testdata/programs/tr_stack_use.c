// The memory below the red zone of a small stack is left alone: calls, faults, timers and system calls do not use it.
#include "prog.h"
#include <sys/time.h>
#include <time.h>

static volatile int n;
static char alt[32768];
static void handler(int sig, siginfo_t *si, void *uc)
{
	n++;
}

int main(void)
{
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof alt};
	sigaltstack(&ss, 0);
	handle(SIGALRM, handler, SA_ONSTACK);
	handle(SIGTRAP, handler, SA_ONSTACK);
	char *p = pages(3, PROT_NONE);
	mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE);
	memset(p + PAGE, 0x55, PAGE);
	struct itimerval it = {{0, 1000}, {0, 1000}}, off = {0};
	setitimer(ITIMER_REAL, &it, 0);
	long pid = 0, now = 0;
	struct timespec t;
	while (n < 10) {
		// On a stack of 64 bytes: system calls, rdtsc, cpuid, a trap.
		asm volatile("mov %%rsp, %%r15\n"
			"lea 64(%3), %%rsp\n"
			"mov $39, %%eax\n"
			"syscall\n"
			"mov %%rax, %%r14\n"
			"mov $228, %%eax\n" // clock_gettime
			"mov $1, %%edi\n"
			"mov %4, %%rsi\n"
			"syscall\n"
			"rdtsc\n"
			"mov %%rax, %1\n"
			"xor %%eax, %%eax\n"
			"cpuid\n"
			"int3\n"
			"mov %%r15, %%rsp\n"
			"mov %%r14, %0\n"
			: "=&r"(pid), "=&r"(now), "+m"(t)
			: "r"(p + PAGE + 512), "r"(&t)
			: "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "r11", "r14", "r15", "memory");
	}
	setitimer(ITIMER_REAL, &off, 0);
	check(pid == getpid(), "pid");
	int touched = 0;
	for (int i = 0; i < PAGE; i++)
		touched += p[PAGE + i] != 0x55;
	printf("touched %d\n", touched);
}
