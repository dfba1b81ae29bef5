// waitid and waitpid with WNOHANG, WNOWAIT, WUNTRACED, WSTOPPED, WCONTINUED.
#include "prog.h"

static void show(const char *what, int r, siginfo_t *si, pid_t pid)
{
	result(what, r);
	printf("  pid %d code %d status %d signo %d\n", si->si_pid == pid, si->si_code, si->si_status, si->si_signo);
}

int main(void)
{
	int p[2], st;
	char c;
	must(pipe(p), "pipe");
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		close(p[1]);
		read(p[0], &c, 1);
		_exit(33);
	}
	siginfo_t si = {0};
	show("none yet", waitid(P_PID, pid, &si, WEXITED | WNOHANG), &si, 0);
	result("WNOHANG", waitpid(pid, &st, WNOHANG));
	kill(pid, SIGSTOP);
	show("WSTOPPED | WNOWAIT", waitid(P_PID, pid, &si, WSTOPPED | WNOWAIT), &si, pid);
	show("WSTOPPED", waitid(P_PID, pid, &si, WSTOPPED), &si, pid);
	result("only once", waitpid(pid, &st, WNOHANG | WUNTRACED));
	kill(pid, SIGCONT);
	show("WCONTINUED", waitid(P_ALL, 0, &si, WCONTINUED), &si, pid);
	close(p[1]);
	show("WNOWAIT", waitid(P_PID, pid, &si, WEXITED | WNOWAIT), &si, pid);
	show("again", waitid(P_PID, pid, &si, WEXITED | WNOWAIT), &si, pid);
	check(waitpid(pid, &st, 0) == pid, "waitpid");
	printf("status %d\n", WEXITSTATUS(st));
	result("gone", waitid(P_PID, pid, &si, WEXITED));
	result("no options", waitid(P_ALL, 0, &si, 0));
	result("bad options", waitpid(-1, &st, 0x100));
}
