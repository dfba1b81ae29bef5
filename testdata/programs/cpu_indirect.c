// flags: -O2 -fno-inline
// Indirect control flow: computed goto, function pointers, jump tables, jumps through memory, push and ret.
#include "prog.h"

static unsigned f0(unsigned x) { return x + 1; }
static unsigned f1(unsigned x) { return x * 3; }
static unsigned f2(unsigned x) { return x ^ 0x5a5a; }
static unsigned f3(unsigned x) { return x >> 1; }
static unsigned (*volatile fs[])(unsigned) = {f0, f1, f2, f3};

static unsigned interpret(const char *code)
{
	static const void *ops[] = {&&add, &&mul, &&neg, &&back, &&end};
	unsigned acc = 1, loops = 200;
	const char *p = code;
	goto *ops[*p++ - '0'];
add:
	acc += *p;
	goto *ops[*p++ - '0'];
mul:
	acc = acc * 7 + 3;
	goto *ops[*p++ - '0'];
neg:
	acc = ~acc;
	goto *ops[*p++ - '0'];
back:
	if (--loops)
		p = code;
	goto *ops[*p++ - '0'];
end:
	return acc;
}

static unsigned table(unsigned x)
{
	switch (x % 12) {
	case 0: return x + 3;
	case 1: return x * 5;
	case 2: return x - 9;
	case 3: return x ^ 77;
	case 4: return ~x;
	case 5: return x << 3;
	case 6: return x >> 2;
	case 7: return x | 0x100;
	case 8: return x & 0xffff0f;
	case 9: return x + x / 3;
	case 10: return x * x;
	default: return x + 1;
	}
}

int main(void)
{
	unsigned x = 1, y = 12345;
	for (unsigned i = 0; i < 100000; i++) {
		x = fs[(x ^ i) & 3](x) + i;
		y = table(y) + i;
	}
	printf("%u %u %u\n", x, y, interpret("012010120134"));
	long r = 0;
	asm volatile("sub $128, %%rsp\n lea 1f(%%rip), %%rax\n push %%rax\n add $1, %0\n ret\n add $100, %0\n"
	             "1: call 2f\n add $1000, %0\n jmp 3f\n2: pop %%rax\n add $10, %0\n jmp *%%rax\n3:"
	             "lea 4f(%%rip), %%rax\n push %%rax\n jmp *(%%rsp)\n add $100, %0\n4: pop %%rax\n"
	             "lea 5f(%%rip), %%rax\n mov %%rax, -64(%%rsp)\n mov $-8, %%rcx\n call *(%%rsp,%%rcx,8)\n jmp 6f\n"
	             "5: add $10000, %0\n ret\n6: add $128, %%rsp"
	             : "+r"(r) : : "rax", "rcx", "memory", "cc");
	printf("%ld\n", r);
}
