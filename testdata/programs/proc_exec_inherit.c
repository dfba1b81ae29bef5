// What execve keeps and what it resets: handlers, ignored signals, mask, pending signals, timers, directory, umask.
#include "prog.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

static void handler(int sig, siginfo_t *si, void *uc)
{
}

static void show(void)
{
	struct sigaction sa;
	sigset_t set;
	struct itimerval it;
	struct rlimit rl;
	stack_t ss;
	char dir[100], name[16];
	sigaction(SIGUSR1, 0, &sa);
	printf("caught: default %d\n", sa.sa_handler == SIG_DFL);
	sigaction(SIGUSR2, 0, &sa);
	printf("ignored: ignored %d\n", sa.sa_handler == SIG_IGN);
	sigprocmask(SIG_BLOCK, 0, &set);
	printf("mask: HUP %d INT %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGINT));
	sigpending(&set);
	printf("pending: HUP %d\n", sigismember(&set, SIGHUP));
	getitimer(ITIMER_REAL, &it);
	printf("timer: %d\n", it.it_value.tv_sec > 50);
	getrlimit(RLIMIT_NOFILE, &rl);
	printf("limit: %ld\n", (long)rl.rlim_cur);
	sigaltstack(0, &ss);
	printf("alternate stack: disabled %d\n", ss.ss_flags == SS_DISABLE);
	printf("directory: %s umask %03o nice %d\n", getcwd(dir, sizeof dir), umask(0), getpriority(PRIO_PROCESS, 0));
	prctl(PR_GET_NAME, name);
	// The name of the file, which is "exe" here.
	printf("name: %s\n", name);
	result("dumpable", prctl(PR_GET_DUMPABLE));
	result("no new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

int main(int argc, char **argv)
{
	char pid[16];
	if (argc > 1) {
		check(atoi(argv[1]) == getpid(), "pid");
		show();
		return 0;
	}
	static char stack[16384];
	stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
	sigset_t set;
	sigaltstack(&ss, 0);
	handle(SIGUSR1, handler, 0);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, 0);
	kill(getpid(), SIGHUP);
	setitimer(ITIMER_REAL, &(struct itimerval){{0}, {60, 0}}, 0);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){200, 200});
	must(chdir("/usr"), "chdir");
	umask(053);
	nice(3);
	prctl(PR_SET_NAME, "before");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	sprintf(pid, "%d", getpid());
	execl("/proc/self/exe", argv[0], pid, (char *)0);
}
