// modify_ldt, used if there; iopl, ioperm and arch_prctl with bad arguments.
#include "prog.h"
#include <asm/ldt.h>
#include <asm/prctl.h>

int main(void)
{
	char buf[64];
	long r = syscall(SYS_modify_ldt, 0, buf, sizeof buf);
	check(r == 0 || r == -1 && errno == ENOSYS, "an empty table, or none");
	int none = r == -1;
	struct user_desc d = {.entry_number = 3, .base_addr = 0x1000, .limit = 0xfff, .seg_32bit = 1, .useable = 1};
	// The kernel's int results are zero-extended here.
	check(none || (int)syscall(SYS_modify_ldt, 1, &d, sizeof d) == 0, "an entry");
	check(none || (int)syscall(SYS_modify_ldt, 0, buf, sizeof buf) >= 32, "read back");
	d.entry_number = 9999;
	check(none || (int)syscall(SYS_modify_ldt, 1, &d, sizeof d) == -EINVAL, "bad entry");
	check(syscall(SYS_iopl, 7) == -1, "iopl");
	check(syscall(SYS_ioperm, 1 << 20, 1, 1) == -1, "ioperm");
	result("ARCH_GET_CPUID", syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0));
	unsigned long fs;
	result("ARCH_GET_FS", syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	result("ARCH_SET_FS", syscall(SYS_arch_prctl, ARCH_SET_FS, fs));
	result("not canonical", syscall(SYS_arch_prctl, ARCH_SET_FS, 1ul << 63));
}
