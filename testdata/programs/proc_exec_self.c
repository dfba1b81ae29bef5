// execve of itself: arguments, environment, pid, descriptors, ignored signals and the mask survive; handlers do not.
#include "prog.h"

static void handler(int sig) { (void)sig; }

int main(int argc, char **argv, char **envp)
{
	if (!getenv("STAGE")) {
		char pid[20], big[20000];
		sigset_t m;
		signal(SIGUSR1, SIG_IGN);
		signal(SIGUSR2, handler);
		sigemptyset(&m), sigaddset(&m, SIGHUP);
		sigprocmask(SIG_BLOCK, &m, 0);
		snprintf(pid, sizeof pid, "%d", getpid());
		memset(big, 'b', sizeof big), big[sizeof big - 1] = 0;
		must(dup2(tmpfile_fd("kept", 4), 100), "dup2");
		fcntl(must(dup2(100, 101), "dup2"), F_SETFD, FD_CLOEXEC);
		char *a[] = {"name given", "", "two words", big, 0}, *e[] = {"STAGE=2", "EMPTY=", pid, 0};
		puts("first"), fflush(stdout);
		execve("/proc/self/exe", a, e);
		return 99;
	}
	struct sigaction one, two;
	sigset_t m;
	char buf[5] = {0};
	sigaction(SIGUSR1, 0, &one), sigaction(SIGUSR2, 0, &two);
	sigprocmask(SIG_BLOCK, 0, &m);
	printf("argc %d [%s] [%s] [%s] %zu\n", argc, argv[0], argv[1], argv[2], strlen(argv[3]));
	printf("env %s %s, same pid %d, end %d\n", envp[0], envp[1], atoi(envp[2]) == getpid(), envp[3] == 0);
	printf("ignored %d default %d blocked %d\n", one.sa_handler == SIG_IGN, two.sa_handler == SIG_DFL, sigismember(&m, SIGHUP));
	result("read kept", pread(100, buf, 4, 0));
	result("read closed", pread(101, buf, 4, 0));
	return 17;
}
