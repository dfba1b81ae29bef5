// An instruction that overwrites the one right after it, and one that is executed later on the same line.
#include "jit.h"

int main(void)
{
	static const unsigned char code[] = {
		0xc6, 0x05, 0x01, 0, 0, 0, 0x2a, // movb $42, 1(%rip): the immediate below
		0xb8, 0x01, 0, 0, 0,             // mov $1, %eax
		0x40, 0x88, 0x3d, 0x03, 0, 0, 0, // mov %dil, 3(%rip): the immediate after the jump
		0xeb, 0x00,                      // jmp to the next
		0x05, 0x00, 0, 0, 0,             // add $0, %eax
		0xc3,
	};
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	memcpy(p, code, sizeof code);
	long sum = 0;
	for (int i = 0; i < 100; i++) {
		p[8] = 1;
		sum += call(p, i);
	}
	printf("sum %ld\n", sum);
}
