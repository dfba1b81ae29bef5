// Flags live across jumps, calls, returns, indirect jumps, system calls, and through lahf, sahf, pushf, popf.
#include "prog.h"

#define STATUS 0x8d5

int main(void)
{
	uint64_t f, g, bad = 0;
	for (unsigned set = 0; set < 64; set++) {
		uint64_t want = (set & 1) | (set & 2) << 1 | (set & 4) << 2 | (set & 8) << 3 | (set & 16) << 3 | (set & 32) << 6 | 0x202;
		asm volatile("sub $128, %%rsp\n push %2\n popfq\n jmp 1f\n nop\n"
		             "1: call 2f\n jmp 3f\n2: ret\n"
		             "3: lea 4f(%%rip), %%rax\n jmp *%%rax\n nop\n4: push %%rax\n lea 5f(%%rip), %%rax\n call *%%rax\n jmp 6f\n5: ret $0\n"
		             "6: pop %%rax\n mov $8, %%ecx\n7: loop 7b\n jrcxz 8f\n nop\n8: mov $39, %%eax\n syscall\n"
		             "pushfq\n pop %0\n add $128, %%rsp"
		             : "=&r"(f) : "0"(0ul), "r"(want) : "rax", "rcx", "r11", "cc", "memory");
		bad += (f & STATUS) != (want & STATUS);
		asm volatile("sub $128, %%rsp\n push %1\n popfq\n lahf\n seto %%al\n mov %%rax, %%rdx\n cmp $77, %%rdx\n"
		             "mov %%rdx, %%rax\n add $127, %%al\n sahf\n pushfq\n pop %0\n add $128, %%rsp"
		             : "=&r"(g) : "r"(want) : "rax", "rdx", "cc", "memory");
		bad += (g & STATUS) != (want & STATUS);
	}
	printf("%lu wrong\n", (long)bad);
	uint64_t inc, shift;
	asm volatile("xor %%eax, %%eax\n stc\n mov $0x7fffffff, %%eax\n inc %%eax\n sbb %%rdx, %%rdx\n" : "=d"(inc) : : "rax", "cc");
	asm volatile("stc\n mov $0, %%cl\n shl %%cl, %%rax\n sbb %%rdx, %%rdx" : "=d"(shift) : : "rax", "rcx", "cc");
	printf("inc keeps carry %ld, shift by 0 keeps carry %ld\n", (long)inc, (long)shift);
	asm volatile("sub $128, %%rsp\n pushfq\n pop %%rax\n or $0x40000, %%rax\n xor $0x200000, %%rax\n push %%rax\n popfq\n pushfq\n pop %0\n and $~0x40000, %%rax\n push %%rax\n popfq\n add $128, %%rsp" : "=&r"(f) : : "rax", "cc", "memory");
	printf("AC %d ID changed, IF %d\n", (int)(f >> 18 & 1), (int)(f >> 9 & 1));
	asm volatile("sub $128, %%rsp\n push $0\n popfq\n pushfq\n pop %0\n add $128, %%rsp" : "=&r"(f) : : "cc", "memory");
	printf("popf of 0 gives %lx\n", (long)f);
	asm volatile("std\n pushf\n cld\n pop %0\n pushf\n pop %1" : "=&r"(f), "=&r"(g) : : "cc", "memory");
	printf("DF %d %d\n", (int)(f >> 10 & 1), (int)(g >> 10 & 1));
}
