// flags: -lutil
// Job control on a pseudo-terminal: foreground groups, Ctrl-C, Ctrl-Z, background reads.
#include "prog.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int ready[2];

static void shell(void)
{
	int st;
	char c;
	signal(SIGTTOU, SIG_IGN);
	pid_t job = fork();
	if (!job) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_DFL);
		tcsetpgrp(0, getpid());
		_exit(50);
	}
	setpgid(job, job);
	waitpid(job, &st, WUNTRACED);
	dprintf(ready[1], "background tcsetpgrp: stopped by TTOU %d\n", WIFSTOPPED(st) && WSTOPSIG(st) == SIGTTOU);
	tcsetpgrp(0, job);
	kill(job, SIGCONT);
	waitpid(job, &st, 0);
	dprintf(ready[1], "exit %d\n", WEXITSTATUS(st));
	job = fork();
	if (!job) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(job, job);
	tcsetpgrp(0, job);
	dprintf(ready[1], "foreground\n");
	waitpid(job, &st, WUNTRACED);
	dprintf(ready[1], "Ctrl-Z: stopped %d\n", WIFSTOPPED(st) && WSTOPSIG(st) == SIGTSTP);
	kill(job, SIGCONT);
	dprintf(ready[1], "foreground\n");
	waitpid(job, &st, 0);
	dprintf(ready[1], "Ctrl-C: signal %d\n", WIFSIGNALED(st) ? WTERMSIG(st) : 0);
	tcsetpgrp(0, getpid());
	job = fork();
	if (!job) {
		setpgid(0, 0);
		read(0, &c, 1);
		_exit(0);
	}
	setpgid(job, job);
	waitpid(job, &st, WUNTRACED);
	dprintf(ready[1], "background read: stopped by TTIN %d\n", WIFSTOPPED(st) && WSTOPSIG(st) == SIGTTIN);
	kill(job, SIGKILL);
	_exit(3);
}

int main(void)
{
	int master, st;
	char line[200];
	must(pipe(ready), "pipe");
	pid_t pid = must(forkpty(&master, 0, 0, 0), "forkpty");
	if (!pid)
		shell();
	close(ready[1]);
	FILE *f = fdopen(ready[0], "r");
	const char *keys = "\032\003";
	while (fgets(line, sizeof line, f)) {
		fputs(line, stdout);
		if (!strcmp(line, "foreground\n"))
			write(master, keys++, 1);
	}
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
}
