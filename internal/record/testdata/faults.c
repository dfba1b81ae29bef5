// flags: -O2
// usage: faults [ROUNDS [MICROSECONDS]]
// A timer fires while instructions fault in all their forms: repeated string
// instructions in the middle, stores, divisions, pushes, calls and jumps to
// nowhere. The handlers repair what is wrong. The checksum goes to stdout,
// what depends on time to stderr.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { PAGES = 16, PAGE = 4096 };

static volatile unsigned long alarms, faults;
static volatile uint64_t seen;
static char *area;
static uint64_t sum = 1469598103934665603u;

static void mix(uint64_t v) { sum = (sum ^ v) * 1099511628211u; }

static void on_alarm(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si;
	alarms++;
	seen = (seen ^ ((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP] ^ ((ucontext_t *)uc)->uc_mcontext.gregs[REG_RCX]) * 1099511628211u;
}

static void on_segv(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;
	char *at = si->si_addr;
	(void)sig;
	faults++;
	if (at >= area && at < area + PAGES * PAGE) {
		mprotect((char *)((uintptr_t)at & -PAGE), PAGE, PROT_READ | PROT_WRITE);
		return;
	}
	// A call to nowhere: return from it.
	if (uc->uc_mcontext.gregs[REG_RIP] == 16) {
		uc->uc_mcontext.gregs[REG_RIP] = *(long *)uc->uc_mcontext.gregs[REG_RSP];
		uc->uc_mcontext.gregs[REG_RSP] += 8;
		uc->uc_mcontext.gregs[REG_RAX] = 77;
		return;
	}
	fprintf(stderr, "wrong: fault at %p, pc %llx\n", at, uc->uc_mcontext.gregs[REG_RIP]);
	_exit(1);
}

static void on_fpe(int sig, siginfo_t *si, void *ctx)
{
	(void)sig, (void)si;
	faults++;
	((ucontext_t *)ctx)->uc_mcontext.gregs[REG_RCX] = 3; // divide by that
}

static void close_area(void) { mprotect(area, PAGES * PAGE, PROT_NONE); }

static void strings(void)
{
	static char src[PAGES * PAGE];
	for (unsigned i = 0; i < sizeof src; i++)
		src[i] = i * 31;
	void *d = area;
	const void *s = src;
	uint64_t n = PAGES * PAGE;
	close_area();
	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(7) : "memory");
	mix(n), mix((char *)d - area);
	close_area();
	d = area, n = PAGES * PAGE;
	asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	mix(n), mix((char *)d - area);
	close_area();
	d = area, s = src, n = PAGES * PAGE;
	asm volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory", "cc");
	mix(n);
}

static void single(void)
{
	close_area();
	uint64_t n = PAGES * PAGE / 64, v = 0;
	char *p = area;
	asm volatile("1: mov %1, (%2)\n add (%2), %0\n add $64, %2\n dec %1\n jnz 1b"
		: "+r"(v), "+r"(n), "+r"(p) : : "memory", "cc");
	mix(v);
	for (int i = 1; i < 20; i++) {
		uint64_t q = i * 1000, r = 0, c = 0;
		asm volatile("div %%rcx" : "+a"(q), "+d"(r), "+c"(c) : : "cc");
		mix(q), mix(r), mix(c);
		uint64_t (*volatile f)(void) = (uint64_t(*)(void))16;
		mix(f());
	}
	// Pushes and calls on a stack that is not there yet.
	close_area();
	uint64_t sp = (uint64_t)(area + PAGES * PAGE), out = 0;
	asm volatile("mov %%rsp, %%rbx\n mov %1, %%rsp\n mov $1000, %%ecx\n 1: push %%rcx\n call 2f\n add %%rcx, %0\n dec %%rcx\n jnz 1b\n"
		"jmp 3f\n 2: ret\n 3: mov %%rbx, %%rsp" : "+r"(out) : "r"(sp) : "rbx", "rcx", "memory", "cc");
	mix(out);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 20, every = argc > 2 ? atoi(argv[2]) : 200;
	stack_t ss = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
	sigaltstack(&ss, NULL);
	struct sigaction sa = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigaction(SIGSEGV, &sa, NULL);
	sa.sa_sigaction = on_fpe;
	sigaction(SIGFPE, &sa, NULL);
	sa.sa_sigaction = on_alarm;
	sigaction(SIGALRM, &sa, NULL);
	area = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct itimerval it = {{0, every}, {0, every}};
	setitimer(ITIMER_REAL, &it, NULL);
	for (int i = 0; i < rounds; i++)
		strings(), single();
	memset(&it, 0, sizeof it);
	setitimer(ITIMER_REAL, &it, NULL);
	printf("checksum %016lx, %lu faults\n", sum, faults);
	fflush(stdout);
	fprintf(stderr, "%lu signals, seen %016lx\n", alarms, seen);
	return 0;
}
