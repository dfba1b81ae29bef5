// Kernel keys: add, describe, read, revoke, or the kernel has none.
#include "prog.h"
#include <linux/keyctl.h>

int main(void)
{
	char buf[100] = {0};
	long key = syscall(SYS_add_key, "user", "program:test", "payload", 7, KEY_SPEC_PROCESS_KEYRING);
	if (key == -1) {
		result("add_key", key);
		return 0;
	}
	check(key > 0, "add_key");
	result("read", syscall(SYS_keyctl, KEYCTL_READ, key, buf, sizeof buf));
	printf("[%s]\n", buf);
	check(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_PROCESS_KEYRING, "user", "program:test", 0) == key, "search");
	check(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, buf, sizeof buf) > 20, "describe");
	printf("%.5s\n", buf);
	result("size only", syscall(SYS_keyctl, KEYCTL_READ, key, 0, 0));
	result("revoke", syscall(SYS_keyctl, KEYCTL_REVOKE, key));
	result("revoked", syscall(SYS_keyctl, KEYCTL_READ, key, buf, sizeof buf));
	result("request", syscall(SYS_request_key, "user", "program:none", 0, 0));
}
