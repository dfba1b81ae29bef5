// Inline caches: the target of a direct call and of a jump is patched between calls.
#include "jit.h"

int main(void)
{
	unsigned char *p = (void *)pages(2, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; i < 16; i++)
		constant(p + PAGE + i * 32, i * 10);
	p[0] = 0x48, p[1] = 0x83, p[2] = 0xec, p[3] = 0x08; // sub $8, %rsp
	p[4] = 0xe8;                                        // call
	memcpy(p + 9, (unsigned char[]){0x48, 0x83, 0xc4, 0x08, 0xc3}, 5); // add $8, %rsp; ret
	p[64] = 0xe9; // jmp
	long bad = 0;
	for (int i = 0; i < 400; i++) {
		int to = i * 7 % 16, rel = PAGE + to * 32 - 9;
		memcpy(p + 5, &rel, 4);
		bad += call(p, 1) != to * 10 + 1;
		rel = PAGE + to * 32 - 69;
		__atomic_store_n((int *)(p + 65), rel, __ATOMIC_SEQ_CST);
		bad += call(p + 64, 2) != to * 10 + 2;
	}
	printf("bad %ld\n", bad);
}
