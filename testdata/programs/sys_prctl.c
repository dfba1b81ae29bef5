// prctl and arch_prctl commands that return data.
#include "prog.h"
#include <asm/prctl.h>
#include <sys/prctl.h>

int main(void)
{
	char name[16] = {0};
	int v = -1;
	unsigned long fs = 0;
	result("PR_SET_NAME", prctl(PR_SET_NAME, "a quite long name indeed"));
	result("PR_GET_NAME", prctl(PR_GET_NAME, name));
	printf("[%s]\n", name);
	result("PR_GET_PDEATHSIG", prctl(PR_GET_PDEATHSIG, &v));
	printf("%d\n", v);
	result("PR_GET_DUMPABLE", prctl(PR_GET_DUMPABLE));
	result("PR_SET_CHILD_SUBREAPER", prctl(PR_SET_CHILD_SUBREAPER, 1));
	result("PR_GET_CHILD_SUBREAPER", prctl(PR_GET_CHILD_SUBREAPER, &v));
	printf("%d\n", v);
	result("PR_GET_TSC", prctl(PR_GET_TSC, &v));
	printf("%d\n", v);
	result("PR_GET_TIMERSLACK", prctl(PR_GET_TIMERSLACK));
	result("bad", prctl(123456));
	result("ARCH_GET_FS", syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	unsigned long self;
	asm("mov %%fs:0, %0" : "=r"(self));
	check(fs == self, "FS is the thread pointer");
	unsigned long gs = 1;
	result("ARCH_GET_GS", syscall(SYS_arch_prctl, ARCH_GET_GS, &gs));
	printf("GS base %lx\n", gs);
	result("bad", syscall(SYS_arch_prctl, 0x7777, 0));
}
