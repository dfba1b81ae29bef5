// The kernel's key rings: text and payloads longer and shorter than the buffer.
#include "prog.h"
#include <linux/keyctl.h>

static long keyctl(int op, ...)
{
	long a[4];
	__builtin_va_list ap;
	__builtin_va_start(ap, op);
	for (int i = 0; i < 4; i++)
		a[i] = __builtin_va_arg(ap, long);
	__builtin_va_end(ap);
	return syscall(SYS_keyctl, op, a[0], a[1], a[2], a[3]);
}

static void say(const char *what, long r, const char *b)
{
	result(what, r);
	printf("  [%.20s]\n", b);
}

int main(void)
{
	char b[64];
	check(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0L, 0L, 0L, 0L) != 0, "KEYCTL_JOIN_SESSION_KEYRING");
	long key = syscall(SYS_add_key, "user", "hindsight-test", "0123456789", 10, KEY_SPEC_SESSION_KEYRING);
	if (key == -1) {
		result("add_key", key);
		return 0;
	}
	memset(b, '.', sizeof b);
	say("read", keyctl(KEYCTL_READ, key, b, 64L, 0L), b);
	memset(b, '.', sizeof b);
	say("read cut", keyctl(KEYCTL_READ, key, b, 4L, 0L), b);
	say("read length", keyctl(KEYCTL_READ, key, 0L, 0L, 0L), b);
	memset(b, '.', sizeof b);
	long n = keyctl(KEYCTL_DESCRIBE, key, b, 64L, 0L);
	printf("description %ld, ends with %s\n", n, strrchr(b, ';'));
	memset(b, '.', sizeof b);
	keyctl(KEYCTL_DESCRIBE, key, b, 5L, 0L);
	printf("description cut [%.10s]\n", b);
	check(keyctl(KEYCTL_SEARCH, (long)KEY_SPEC_SESSION_KEYRING, "user", "hindsight-test", 0L) == key, "KEYCTL_SEARCH");
	memset(b, '.', sizeof b);
	n = keyctl(KEYCTL_CAPABILITIES, b, 64L, 0L, 0L);
	printf("capabilities %ld, then %d %d\n", n, b[n], b[63]);
	result("set timeout", keyctl(KEYCTL_SET_TIMEOUT, key, 1000L, 0L, 0L));
	result("revoke", keyctl(KEYCTL_REVOKE, key, 0L, 0L, 0L));
	result("read revoked", keyctl(KEYCTL_READ, key, b, 64L, 0L));
	result("unknown", keyctl(9999, 0L, 0L, 0L, 0L));
}
