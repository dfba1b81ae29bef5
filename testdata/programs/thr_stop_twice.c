// Stop signals that come to a stopped process with threads change nothing, and SIGCONT undoes them all.
#include "stop.h"

int main(void)
{
	int st;
	pid_t pid = child(counting);
	for (int n = 0; n < 10; n++) {
		for (int i = 0; i < 3; i++)
			await(i, seen[i] + 1);
		kill(pid, SIGSTOP);
		kill(pid, SIGSTOP);
		if (n % 2)
			kill(pid, SIGTTIN);
		int sig = stopped(pid);
		check(sig == SIGSTOP || (n % 2 && sig == SIGTTIN), "stopped");
		kill(pid, SIGSTOP);
		kill(pid, SIGTSTP);
		check(waitpid(pid, &st, WUNTRACED | WNOHANG) == 0, "no second stop");
		check(cont(pid), "continued");
	}
	for (int i = 0; i < 3; i++)
		await(i, seen[i] + 1);
	check(waitpid(pid, &st, WUNTRACED | WNOHANG) == 0, "it runs");
	printf("killed %d\n", killed(pid));
}
