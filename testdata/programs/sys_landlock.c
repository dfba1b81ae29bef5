// landlock: rules that a process sets for itself hold, or the kernel says that it has none.
#include "prog.h"
#include <linux/landlock.h>
#include <sys/prctl.h>

int main(void)
{
	int abi = syscall(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 0) {
		result("landlock", abi);
		return 0;
	}
	check(abi >= 1, "version");
	struct landlock_ruleset_attr at = {LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE};
	int rs = must(syscall(SYS_landlock_create_ruleset, &at, sizeof at, 0), "ruleset");
	struct landlock_path_beneath_attr below = {LANDLOCK_ACCESS_FS_READ_FILE, open("/usr", O_PATH | O_CLOEXEC)};
	result("add_rule", syscall(SYS_landlock_add_rule, rs, LANDLOCK_RULE_PATH_BENEATH, &below, 0));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	result("restrict_self", syscall(SYS_landlock_restrict_self, rs, 0));
	check(open("/usr/bin/env", O_RDONLY) > 0, "allowed");
	result("reading elsewhere", open("/etc/passwd", O_RDONLY));
	result("writing", open("/tmp/x", O_WRONLY | O_CREAT, 0600));
	result("bad", syscall(SYS_landlock_restrict_self, 1, 0));
}
