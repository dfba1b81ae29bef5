// x87 environment: stack, status, tags, FXAM, saving and restoring.
#include "prog.h"

struct env {
	uint32_t cw, sw, tag, ip, cs_op, dp, ds;
};

int main(void)
{
	struct env e;
	char area[108];
	uint16_t sw;
	asm volatile("fninit\n fld1\n fldpi\n fmul %%st(1), %%st\n nop\n fnstenv %0" : "=m"(e) : : "memory");
	printf("cw %x top %d tag %x\n", e.cw & 0xffff, e.sw >> 11 & 7, e.tag & 0xffff);
	asm volatile("fldenv %0" : : "m"(e));
	asm volatile("fnsave %0\n frstor %0" : "=m"(area));
	printf("saved hash %016lx\n", (long)hash(area + 28, 20));
	asm volatile("fxam\n fnstsw %0" : "=a"(sw));
	printf("fxam %x\n", sw & 0x4700);
	asm volatile("fucomip %%st(1), %%st\n fstp %%st(0)" : : : "cc");
	asm volatile("fninit\n fldz\n fld1\n fdivp\n fnstsw %0\n fninit" : "=a"(sw));
	printf("status %x\n", sw & 0x3f);
	double d = 0;
	asm volatile("fldl %1\n fsqrt\n frndint\n fstpl %0" : "=m"(d) : "m"((double){1000000}));
	printf("%g\n", d);
}
