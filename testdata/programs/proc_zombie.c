// A zombie: what /proc and signals say of a child that has ended and was not waited for.
#include "prog.h"

static char state(pid_t pid)
{
	char path[64], line[512] = {0};
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return '-';
	read(fd, line, sizeof line - 1);
	close(fd);
	return strrchr(line, ')')[2];
}

int main(void)
{
	int st;
	char path[64], buf[64];
	siginfo_t si;
	pid_t pid = must(fork(), "fork");
	if (!pid)
		_exit(1);
	waitid(P_PID, pid, &si, WEXITED | WNOWAIT);
	printf("state %c\n", state(pid));
	result("signal 0", kill(pid, 0));
	result("SIGKILL", kill(pid, SIGKILL));
	snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
	int fd = open(path, O_RDONLY);
	result("command line", read(fd, buf, sizeof buf));
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	result("executable", readlink(path, buf, sizeof buf));
	waitpid(pid, &st, 0);
	printf("status %d state %c\n", WEXITSTATUS(st), state(pid));
	result("signal 0", kill(pid, 0));
	result("command line", read(fd, buf, sizeof buf));
}
