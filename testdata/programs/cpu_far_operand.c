// RIP-relative operands nearly 2 GiB away: load, store, call and jump through them; and one in bytes that are no code.
#include "prog.h"

#define CODE ((unsigned char *)0x52be0000)
#define DATA ((long *)0xc0000000)

static unsigned char *at = CODE;

static void bytes(const char *b, int n)
{
	memcpy(at, b, (size_t)n);
	at += n;
}

static void disp(const void *to)
{
	int d = (int)((const unsigned char *)to - (at + 4));
	bytes((char *)&d, 4);
}

static long answer(void) { return 42; }

int main(void)
{
	int prot = PROT_READ | PROT_WRITE | PROT_EXEC, flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	check(mmap(CODE, PAGE, prot, flags, -1, 0) == CODE && mmap(DATA, PAGE, prot, flags, -1, 0) == (void *)DATA, "mmap");
	long (*f)(void) = (long (*)(void))(uintptr_t)at;
	bytes("\x48\x8b\x05", 3), disp(DATA);     // mov rax, [DATA]
	bytes("\x48\x01\x05", 3), disp(DATA + 1); // add [DATA+8], rax
	bytes("\x48\x83\xec\x08", 4);             // sub rsp, 8
	bytes("\xff\x15", 2), disp(DATA + 2);     // call [DATA+16]
	bytes("\x48\x83\xc4\x08", 4);             // add rsp, 8
	bytes("\x48\x03\x05", 3), disp(DATA + 1); // add rax, [DATA+8]
	bytes("\xa8\x01\x74\x07", 4);             // test al, 1; jz over
	bytes("\x48\x8b\x05\xff\xff\xff\x7f", 7); // nothing is there
	bytes("\xff\x25", 2), disp(DATA + 3);     // jmp [DATA+24]
	unsigned char *end = at;
	bytes("\x48\xff\xc0\xc3", 4); // inc rax; ret
	DATA[0] = 1000;
	DATA[1] = 200;
	DATA[2] = (long)answer;
	DATA[3] = (long)end;
	for (int i = 0; i < 3; i++) {
		result("f", f());
		DATA[0] += 2;
	}
	result("sum", DATA[1]);
}
