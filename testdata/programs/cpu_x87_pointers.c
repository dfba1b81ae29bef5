// What FNSTENV, FNSAVE and FXSAVE store of the last instruction and operand depends on
// switches of tasks in between: it must not differ in replay. Their 16-bit forms end sooner.
#include "prog.h"

static struct {
	unsigned char env[28], env16[14], guard[4], save[108], save16[94], guard2[4];
	unsigned char fx[512] __attribute__((aligned(16)));
} s;

int main(void)
{
	double x = 1.5;
	long bad = 0;
	memset(&s, 0x77, sizeof s);
	for (int i = 0; i < 300; i++) {
		__asm__ volatile("fldl %0; fstpl %0" : "+m"(x));
		if (i % 3)
			getppid();
		if (i % 5 == 0)
			for (volatile int work = 0; work < 100000; work++)
				;
		__asm__ volatile("fnstenv %0; fldenv %0" : "=m"(s.env));
		__asm__ volatile("data16 fnstenv %0" : "=m"(s.env16));
		__asm__ volatile("fxsave %0" : "=m"(s.fx));
		__asm__ volatile("fnsave %0; frstor %0" : "=m"(s.save));
		__asm__ volatile("data16 fnsave %0" : "=m"(s.save16));
		for (int k = 0; k < 4; k++)
			bad += s.guard[k] != 0x77 || s.guard2[k] != 0x77;
		bad += s.env[24 + 2] != 0xff || s.fx[0] != s.env[0];
	}
	printf("control word %02x%02x, bad %ld\n", s.env[1], s.env[0], bad);
	return 0;
}
