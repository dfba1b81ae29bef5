// All sixteen conditions as jcc, setcc and cmovcc, under all combinations of the status flags.
#include "prog.h"

static uint64_t seen;

#define ONE(cc, bit) \
	"push %[f]\n popfq\n j" cc " 1f\n jmp 2f\n1: or $" bit ", %k[j]\n2: push %[f]\n popfq\n set" cc " %%al\n movzbl %%al, %%eax\n imul $" bit ", %%eax, %%eax\n or %%eax, %k[s]\n" \
	"push %[f]\n popfq\n mov $0, %%ecx\n mov $" bit ", %%eax\n cmov" cc " %%eax, %%ecx\n or %%ecx, %k[m]\n"

int main(void)
{
	int bad = 0;
	for (unsigned set = 0; set < 32; set++) {
		uint64_t f = (set & 1) | (set & 2) << 1 | (set & 4) << 4 | (set & 8) << 4 | (set & 16) << 7 | 0x202;
		uint64_t j = 0, s = 0, m = 0;
		asm volatile("sub $128, %%rsp\n"
		             ONE("o", "1") ONE("no", "2") ONE("b", "4") ONE("ae", "8") ONE("e", "16") ONE("ne", "32") ONE("be", "64") ONE("a", "128")
		             ONE("s", "256") ONE("ns", "512") ONE("p", "1024") ONE("np", "2048") ONE("l", "4096") ONE("ge", "8192") ONE("le", "16384") ONE("g", "32768")
		             "add $128, %%rsp"
		             : [j] "+&r"(j), [s] "+&r"(s), [m] "+&r"(m) : [f] "r"(f) : "rax", "rcx", "cc", "memory");
		bad += j != s || s != m || __builtin_popcountll(j) != 8;
		seen = seen * 0x9e3779b97f4a7c15u + j;
	}
	printf("%d wrong, %016lx\n", bad, (long)seen);
}
