// The program leaves nothing free within 2 GiB of its code: its data, jumps, constants and functions work as before, and so does code that changes.
#include "prog.h"

static volatile long counter = 5, table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static volatile double half = 0.5;
static volatile unsigned char byte = 7;
static volatile __int128 wide __attribute__((aligned(16))) = 11;
static long (*volatile function)(long);

static __attribute__((noinline)) long add(long n)
{
	counter += n;
	return counter;
}

static __attribute__((noinline)) const char *name(int i)
{
	switch (i) {
	case 0: return "zero";
	case 1: return "one";
	case 2: return "two";
	case 3: return "three";
	case 4: return "four";
	case 5: return "five";
	}
	return "many";
}

static void use(const char *when)
{
	printf("%s: %ld %ld %s %s %.3f", when, add(3), function(4), name(counter % 6), name(7), half * counter + 1.25);
	byte ^= 0x55;
	table[counter % 8] += byte;
	long sum = 0, old;
	for (int i = 0; i < 8; i++)
		sum += table[i] * i;
	__asm__("lock xaddq %0, %1" : "=r"(old), "+m"(counter) : "0"(2L));
	__asm__("lock cmpxchg16b %0" : "+m"(wide) : "a"(11L), "d"(0L), "b"(12L), "c"(0L) : "cc");
	printf(" %d %ld %ld %ld\n", byte, sum, old, (long)wide);
}

static volatile char *none;

static void handler(int sig, siginfo_t *si, void *uc)
{
	printf("signal %d, address %d\n", sig, si->si_addr == (void *)none);
	REG(uc, RIP) += 2;
}

// fault reads where nothing is, by an instruction of two bytes.
static __attribute__((noinline)) void fault(void)
{
	__asm__ volatile("movb (%0), %%al" : : "r"(none) : "rax");
}

// fill maps all that is free between two addresses.
static long fill(uintptr_t from, uintptr_t to)
{
	static uintptr_t gaps[256][2];
	int n = 0;
	unsigned long start, end;
	FILE *f = fopen("/proc/self/maps", "r");
	while (n < 255 && from < to && fscanf(f, "%lx-%lx%*[^\n]", &start, &end) == 2) {
		if (start > from)
			gaps[n][0] = from, gaps[n++][1] = start < to ? start : to;
		if (end > from)
			from = end;
	}
	fclose(f);
	if (from < to)
		gaps[n][0] = from, gaps[n++][1] = to;
	long mapped = 0;
	for (int i = 0; i < n; i++) {
		void *p = mmap((void *)gaps[i][0], gaps[i][1] - gaps[i][0], PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
		if (p == (void *)gaps[i][0])
			mapped += gaps[i][1] - gaps[i][0];
		else
			printf("gap %d of %d: %s\n", i, n, strerror(errno));
	}
	return mapped;
}

typedef int code(void);

int main(void)
{
	uintptr_t here = (uintptr_t)main & -PAGE;
	function = add;
	handle(SIGSEGV, handler, 0);
	use("with room");
	long low = here > 0x90000000 ? here - 0x90000000 : 0x10000;
	long filled = fill(low, here + 0x90000000);
	check(filled > 0x80000000, "filled");
	none = (char *)(here + 0x80000000 & -PAGE);
	for (int i = 0; i < 3; i++)
		use("without");
	fault();
	unsigned char *p = (unsigned char *)((uintptr_t)none - 4 * PAGE);
	must((long)mmap(p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), "mmap");
	// mov eax, [rip+250]; ret: what it reads lies on its own page.
	memcpy(p, "\x8b\x05\xfa\x00\x00\x00\xc3", 7);
	for (int i = 0; i < 30; i++) {
		p[256] = i;
		if (i % 7 == 0)
			p[6] = 0xc3;
		if (((code *)p)() != i)
			printf("WRONG %d\n", i);
	}
	fflush(stdout);
	pid_t child = must(fork(), "fork");
	if (!child) {
		use("child");
		exit(0);
	}
	waitpid(child, 0, 0);
	use("parent");
}
