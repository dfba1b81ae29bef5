// Jumps and calls through pointers in shared memory: with all kinds of operands, from private and from shared code.
#include "prog.h"

static long calls;
static void one(void) { calls += 1; }
static void ten(void) { calls += 10; }

int main(void)
{
	int fd = must(memfd_create("table", 0), "memfd_create");
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	void (**table)(void) = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char *writable = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
	void (*code)(void *) = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, PAGE);
	table[0] = one, table[1] = ten;
	for (long i = 0; i < 1000; i++) {
		table[i & 1 ? 0 : 1](); // as the compiler has it
		__asm__ volatile("push %%rbp\n\tmov %%rsp, %%rbp\n\tsub $128, %%rsp\n\tand $-16, %%rsp\n\t"
			"call *(%[t],%[i],8)\n\tmov %%rbp, %%rsp\n\tpop %%rbp"
			: : [t] "b"(table), [i] "r"((i >> 1) & 1)
			: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
		if (i == 500)
			table[0] = ten;
	}
	printf("%ld\n", calls);

	// shared code: jmp [rdi]; flags and registers of the jump arrive
	writable[0] = 0xff, writable[1] = 0x27;
	unsigned char flags = 0;
	long kept = 0;
	for (int i = 0; i < 100; i++) {
		__asm__ volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, (%[t])\n\tmov %[t], %%rdi\n\tmov $77, %%ecx\n\tmov $78, %%eax\n\t"
			"cmp $79, %%eax\n\tjmp *%[c]\n1:\tsetb %[f]\n\tlea (%%rax,%%rcx), %[k]"
			: [f] "=&r"(flags), [k] "=&r"(kept) : [t] "r"(table + 8), [c] "r"(code) : "rax", "rcx", "rdi", "memory", "cc");
	}
	printf("%d %ld\n", flags, kept);
}
