// Credentials: getresuid, getgroups, capget, setfsuid, session ids; changes to the same values; errors.
#include "prog.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>

int main(void)
{
	uid_t r, e, s;
	gid_t groups[100], groups2[100];
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {{0}};
	result("getresuid", getresuid(&r, &e, &s));
	check(r == getuid() && e == geteuid() && s == e, "ids");
	int n = getgroups(100, groups);
	check(n >= 0 && getgroups(0, 0) == n, "getgroups");
	result("capget", syscall(SYS_capget, &h, d));
	check((d[0].effective & ~d[0].permitted) == 0, "effective within permitted");
	result("capset to the same", syscall(SYS_capset, &h, d));
	h.version = 1;
	result("bad version", syscall(SYS_capget, &h, d));
	printf("version told %x\n", h.version);
	check(setfsuid(-1) == (int)geteuid(), "setfsuid");
	result("setresuid", setresuid(-1, -1, -1));
	result("setreuid", setreuid(getuid(), geteuid()));
	result("setresgid", setresgid(getgid(), -1, -1));
	check(getpgid(0) == getpgrp() && getsid(0) > 0, "groups and sessions");
	result("nobody's", getpgid(1 << 29));
	// Whoever gives up root cannot take it back.
	if (!geteuid()) {
		must(setresuid(12345, 12345, 12345), "setresuid");
		result("back", setuid(0));
		syscall(SYS_capget, (h.version = _LINUX_CAPABILITY_VERSION_3, &h), d);
		printf("capabilities %x\n", d[0].effective);
	}
}
