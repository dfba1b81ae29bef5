// /proc/self/status: no tracer, own threads, signals and masks as the program set them.
#include "prog.h"

static void handler(int sig, siginfo_t *si, void *uc)
{
}

int main(void)
{
	char line[400];
	sigset_t set;
	handle(SIGUSR1, handler, 0);
	signal(SIGUSR2, SIG_IGN), signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP), sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_SETMASK, &set, 0);
	kill(getpid(), SIGHUP);
	FILE *f = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof line, f)) {
		static const char *const shown[] = {"Name:", "State:", "TracerPid:", "Threads:", "SigPnd:", "ShdPnd:", "SigBlk:",
			"SigIgn:", "SigCgt:", "NoNewPrivs:", "Seccomp:", "Umask:", "Uid:", "CoreDumping:"};
		for (int i = 0; i < sizeof shown / sizeof *shown; i++)
			if (!strncmp(line, shown[i], strlen(shown[i])))
				fputs(line, stdout);
		long pid;
		if (sscanf(line, "Pid: %ld", &pid) == 1)
			check(pid == getpid(), "Pid");
		if (sscanf(line, "PPid: %ld", &pid) == 1)
			check(pid == getppid(), "PPid");
		if (sscanf(line, "Tgid: %ld", &pid) == 1)
			check(pid == getpid(), "Tgid");
	}
	fclose(f);
}
