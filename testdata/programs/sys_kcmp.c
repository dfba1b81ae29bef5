// kcmp: which descriptors and resources two processes share.
#include "prog.h"
#include <linux/kcmp.h>

static long kcmp(pid_t a, pid_t b, int type, long x, long y)
{
	long r = syscall(SYS_kcmp, a, b, type, x, y);
	return r < 0 ? r : r != 0; // the order is not a fact
}

int main(void)
{
	int st, p[2], d = dup(1), other = open("/dev/null", O_RDONLY);
	pid_t me = getpid();
	must(pipe(p), "pipe");
	result("dup", kcmp(me, me, KCMP_FILE, 1, d));
	result("others", kcmp(me, me, KCMP_FILE, 1, other));
	result("closed", kcmp(me, me, KCMP_FILE, 1, 99));
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		char c;
		close(p[1]);
		read(p[0], &c, 1);
		_exit(0);
	}
	result("file of the child", kcmp(me, pid, KCMP_FILE, 1, 1));
	result("memory", kcmp(me, pid, KCMP_VM, 0, 0));
	result("descriptors", kcmp(me, pid, KCMP_FILES, 0, 0));
	result("own memory", kcmp(me, me, KCMP_VM, 0, 0));
	result("bad type", kcmp(me, me, 99, 0, 0));
	close(p[1]);
	waitpid(pid, &st, 0);
}
