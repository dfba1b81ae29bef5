// flags: -mfsgsbase
// FS base by arch_prctl and rdfsbase; selector of GS; thread-local variables.
#include "prog.h"
#include <asm/prctl.h>
#include <sys/auxv.h>

static __thread int tls = 5;
static __thread char block[100];

int main(void)
{
	unsigned long base = 0;
	syscall(SYS_arch_prctl, ARCH_GET_FS, &base);
	if (getauxval(AT_HWCAP2) & 2) {
		check(__builtin_ia32_rdfsbase64() == base, "rdfsbase");
		__builtin_ia32_wrfsbase64(base);
	}
	tls++;
	memset(block, tls, sizeof block);
	printf("%d %d\n", tls, block[99]);
	unsigned gs = 1;
	asm("mov %%gs, %0" : "=r"(gs));
	printf("GS selector %x\n", gs & 0xffff);
	uint64_t v;
	asm volatile("mov %%fs:0, %0" : "=r"(v));
	check(v == base, "self pointer");
}
