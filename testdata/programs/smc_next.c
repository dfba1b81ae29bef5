// Code that changes the instruction behind it, in its own loop.
#include "prog.h"

int main(void)
{
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	static const unsigned char code[] = {
		0x31, 0xc0,                               // xor %eax, %eax
		0xb9, 100, 0, 0, 0,                       // mov $100, %ecx
		0x88, 0x0d, 0x01, 0x00, 0x00, 0x00,       // 7: mov %cl, 1(%rip): the immediate below
		0x05, 0, 0, 0, 0,                         // add $imm, %eax
		0xff, 0xc9,                               // dec %ecx
		0x75, 0xf1,                               // jnz 7
		0xc3,
	};
	memcpy(p, code, sizeof code);
	printf("%d\n", ((int (*)(void))p)());
	static const unsigned char tail[] = {
		0xc6, 0x05, 0x01, 0x00, 0x00, 0x00, 42,   // movb $42, 1(%rip)
		0xb8, 0, 0, 0, 0,                         // mov $0, %eax: becomes 42
		0xc3,
	};
	memcpy(p + 64, tail, sizeof tail);
	printf("%d\n", ((int (*)(void))(p + 64))());
	static const unsigned char rep[] = {
		0x57,                                     // push %rdi
		0xb9, 5, 0, 0, 0,                         // mov $5, %ecx
		0xf3, 0xa4,                               // rep movsb: over the next instruction
		0xb8, 1, 0, 0, 0,                         // mov $1, %eax
		0x5f, 0xc3,                               // pop %rdi; ret
	};
	static const unsigned char by[] = {0xb8, 9, 0, 0, 0};
	memcpy(p + 128, rep, sizeof rep);
	printf("%d\n", ((int (*)(void *, const void *))(p + 128))(p + 136, by));
}
