// waitpid, wait4, waitid and their statuses.
#include "prog.h"
#include <sys/resource.h>

int main(void)
{
	int st = 0x5555;
	siginfo_t si;
	struct rusage ru;
	int p[2];
	must(pipe(p), "pipe");
	pid_t pid = fork();
	if (!pid) {
		read(p[0], &st, 1);
		_exit(77);
	}
	result("WNOHANG", waitpid(pid, &st, WNOHANG));
	printf("status untouched %x\n", st);
	memset(&si, 0x55, sizeof si);
	result("waitid WNOHANG", waitid(P_PID, pid, &si, WEXITED | WNOHANG));
	printf("signo %d pid %d\n", si.si_signo, si.si_pid);
	write(p[1], "x", 1);
	result("waitid WNOWAIT", waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	printf("signo %d code %d status %d pid %d\n", si.si_signo, si.si_code, si.si_status, si.si_pid == pid);
	check(wait4(pid, &st, 0, &ru) == pid, "wait4");
	printf("exited %d status %d, usage %d\n", WIFEXITED(st), WEXITSTATUS(st), ru.ru_maxrss > 0);
	result("again", waitpid(pid, &st, 0));
	memset(&si, 0x55, sizeof si);
	result("waitid none", syscall(SYS_waitid, P_ALL, 0, &si, WEXITED, 0));
	printf("signo %d\n", si.si_signo);
	static const int sigs[] = {SIGKILL, SIGSEGV, SIGFPE};
	for (int i = 0; i < 3; i++) {
		if (!(pid = fork())) {
			raise(sigs[i]);
			_exit(0);
		}
		waitpid(pid, &st, 0);
		printf("signaled %d by %d\n", WIFSIGNALED(st), WTERMSIG(st));
	}
}
