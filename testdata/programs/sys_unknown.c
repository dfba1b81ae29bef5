// System calls that do not exist: the answer is ENOSYS, whatever the number.
#include "prog.h"

int main(void)
{
	static const long numbers[] = {335 + 50, 500, 511, 600, 1000, 4096, 65535, 0x7fffffff, 0x40000000 + 600};
	for (int i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		printf("%ld ", numbers[i]);
		result("", syscall(numbers[i], 1, 2, 3, 4, 5, 6));
	}
	result("-1", syscall(-1));
	// Removed long ago, or never there in 64-bit.
	static const int old[] = {134 /* uselib */, 156 /* _sysctl */, 174 /* create_module */, 177, 178, 180, 181, 182, 183,
		184, 185, 205 /* set_thread_area */, 211, 214, 215, 236 /* vserver */};
	for (int i = 0; i < sizeof old / sizeof *old; i++)
		printf("%s ", syscall(old[i], 0, 0, 0, 0) == -1 ? strerrorname_np(errno) : "0");
	puts("");
	// The upper half of RAX does not count.
	long r;
	asm volatile("syscall" : "=a"(r) : "0"(0x1200000000 + SYS_getpid) : "rcx", "r11", "memory");
	check(r == getpid() || r == -ENOSYS, "upper half");
	printf("%d\n", r == getpid());
}
