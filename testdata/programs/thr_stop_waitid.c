// waitid tells of a process with threads that it has stopped, been continued, and ended.
#include "stop.h"

static void *runs(void *arg)
{
	for (;;) {
		count((long)arg);
		usleep(50);
	}
}

static void job(void)
{
	start(runs, 1);
	runs(0);
}

static void chld(int sig, siginfo_t *si, void *uc) { }

static void told(pid_t pid, int options, int code, int st, const char *what)
{
	siginfo_t si = {0};
	must(waitid(P_PID, pid, &si, options | WNOWAIT), "waitid");
	check(si.si_pid == pid && si.si_code == code && si.si_status == st, what);
	memset(&si, 0, sizeof si);
	must(waitid(P_PID, pid, &si, options), "waitid");
	check(si.si_pid == pid && si.si_code == code && si.si_status == st, "again");
	si.si_pid = 0;
	waitid(P_PID, pid, &si, options | WNOHANG);
	check(code > CLD_DUMPED ? si.si_pid == 0 : errno == ECHILD, "once");
}

int main(void)
{
	int all = WSTOPPED | WCONTINUED | WEXITED;
	handle(SIGCHLD, chld, SA_RESTART);
	pid_t pid = child(job);
	for (int n = 0; n < 3; n++) {
		await(0, seen[0] + 1), await(1, seen[1] + 1);
		kill(pid, SIGSTOP);
		told(pid, n ? WSTOPPED : all, CLD_STOPPED, SIGSTOP, "stopped");
		kill(pid, SIGCONT);
		told(pid, n ? WCONTINUED : all, CLD_CONTINUED, SIGCONT, "continued");
		kill(pid, SIGTSTP);
		kill(pid, SIGCONT);
		kill(pid, SIGCONT);
		while (waitpid(pid, 0, WUNTRACED | WCONTINUED | WNOHANG) > 0)
			;
	}
	await(0, seen[0] + 1), await(1, seen[1] + 1);
	while (waitpid(pid, 0, WUNTRACED | WCONTINUED | WNOHANG) > 0)
		;
	kill(pid, SIGKILL);
	told(pid, all, CLD_KILLED, SIGKILL, "killed");
}
