// unshare of a user namespace with its maps, and of UTS, IPC and PID namespaces inside it.
#include "prog.h"
#include <sched.h>

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int r = fd < 0 ? -1 : (int)write(fd, text, strlen(text));
	if (fd >= 0)
		close(fd);
	return r;
}

int main(void)
{
	char name[65], map[64];
	int st;
	uid_t uid = getuid();
	gid_t gid = getgid();
	if (unshare(CLONE_NEWUSER)) {
		result("CLONE_NEWUSER", -1);
		return 0;
	}
	printf("unmapped %d\n", getuid());
	check(put("/proc/self/setgroups", "deny") > 0, "setgroups");
	snprintf(map, sizeof map, "0 %d 1", uid);
	check(put("/proc/self/uid_map", map) > 0, "uid_map");
	snprintf(map, sizeof map, "0 %d 1", gid);
	check(put("/proc/self/gid_map", map) > 0, "gid_map");
	printf("mapped %d %d\n", getuid(), getgid());
	result("CLONE_NEWUTS", unshare(CLONE_NEWUTS));
	result("sethostname", sethostname("inside", 6));
	gethostname(name, sizeof name);
	printf("[%s]\n", name);
	result("CLONE_NEWIPC", unshare(CLONE_NEWIPC));
	result("CLONE_NEWPID", unshare(CLONE_NEWPID));
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		printf("in the namespace: pid %d ppid %d\n", getpid(), getppid());
		exit(getpid() + 4);
	}
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
	result("setuid", setuid(5));
}
