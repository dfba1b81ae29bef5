// A job that computes until a line is typed, and does with SIGTSTP what its first argument says.
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void tidy(int sig)
{
	if (write(1, "tidied\n", 7) < 0)
		_exit(99);
	signal(sig, SIG_DFL);
	raise(sig);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, 0); // stops here
	signal(sig, tidy);
}

int main(int argc, char **argv)
{
	char line[80];
	volatile long n = 0;
	if (!strcmp(argv[1], "ignore"))
		signal(SIGTSTP, SIG_IGN);
	else if (!strcmp(argv[1], "tidy"))
		signal(SIGTSTP, tidy);
	FILE *f = fopen("pid", "w");
	fprintf(f, "%d\n", getpid());
	fclose(f);
	puts("ready");
	if (strcmp(argv[1], "read"))
		for (struct pollfd p = {0, POLLIN}; poll(&p, 1, 0) <= 0;)
			for (long end = n + 10000000; n < end; n++)
				;
	if (!fgets(line, sizeof line, stdin))
		return 9;
	printf("[%s", line);
	return 5;
}
