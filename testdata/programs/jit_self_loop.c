// A loop that changes its own immediate operand in each turn.
#include "jit.h"

int main(void)
{
	static const unsigned char loop[] = {
		0x31, 0xc0,                               // xor %eax, %eax
		0xb9, 0xc8, 0, 0, 0,                      // mov $200, %ecx
		0x05, 1, 0, 0, 0,                         // 7: add $1, %eax
		0xff, 0x05, 0xf6, 0xff, 0xff, 0xff,       // incl -10(%rip): that 1
		0xff, 0xc9,                               // dec %ecx
		0x75, 0xf1,                               // jnz 7
		0xc3,
	};
	unsigned char *p = (void *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; i < 3; i++) {
		memcpy(p, loop, sizeof loop);
		long sum = call(p, 0);
		printf("%ld, left %d\n", sum, *(int *)(p + 8));
	}
}
