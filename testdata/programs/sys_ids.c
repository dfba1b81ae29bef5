// Process, thread, group, session and user numbers are consistent.
#include "prog.h"
#include <linux/capability.h>
#include <sys/stat.h>

int main(void)
{
	uid_t r, e, s;
	gid_t g[64];
	check(getpid() == syscall(SYS_getpid), "getpid");
	check(gettid() == getpid(), "gettid");
	check(getppid() > 0, "getppid");
	check(getpgrp() == getpgid(0), "getpgid");
	check(getsid(0) == getsid(getpid()), "getsid");
	check(getresuid(&r, &e, &s) == 0 && r == getuid() && e == geteuid(), "getresuid");
	check(getresgid(&r, &e, &s) == 0 && r == getgid() && e == getegid(), "getresgid");
	int n = getgroups(0, 0);
	check(n >= 0 && n == getgroups(64, g), "getgroups");
	result("getpgid of nobody", getpgid(0x7ffffff0));
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];
	result("capget", syscall(SYS_capget, &h, d));
	h.version = 1;
	result("capget of version 1", syscall(SYS_capget, &h, d));
	printf("version %x\n", h.version);
	mode_t old = umask(027);
	umask(old);
	check(umask(old) == old, "umask");
}
