// modify_ldt, iopl, ioperm and other x86 privileges: read back, or refused.
#include "prog.h"
#include <asm/ldt.h>
#include <asm/prctl.h>

int main(void)
{
	char buf[64];
	result("read an empty table", syscall(SYS_modify_ldt, 0, buf, sizeof buf));
	struct user_desc d = {.entry_number = 3, .base_addr = 0x1000, .limit = 0xfff, .seg_32bit = 1, .useable = 1};
	long r = syscall(SYS_modify_ldt, 1, &d, sizeof d);
	result("write", (int)r);
	r = syscall(SYS_modify_ldt, 0, buf, sizeof buf);
	printf("read %d\n", (int)r);
	d.entry_number = 9999;
	result("bad entry", (int)syscall(SYS_modify_ldt, 1, &d, sizeof d));
	result("iopl", syscall(SYS_iopl, 7));
	result("ioperm", syscall(SYS_ioperm, 1 << 20, 1, 1));
	result("ARCH_GET_CPUID", syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0));
	unsigned long fs;
	result("ARCH_GET_FS", syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	result("ARCH_SET_FS", syscall(SYS_arch_prctl, ARCH_SET_FS, fs));
	result("not canonical", syscall(SYS_arch_prctl, ARCH_SET_FS, 1ul << 63));
}
