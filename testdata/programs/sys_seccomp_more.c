// Seccomp filters by argument, stacked, over execve, in threads and for all of them, and what refuses one.
// build: -pthread
#include "prog.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RET(what) BPF_STMT(BPF_RET | BPF_K, what)

static long install(struct sock_filter *code, int n, int flags)
{
	struct sock_fprog prog = {n, code};
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

// on makes call nr end so.
static long on(int nr, unsigned action, int flags)
{
	struct sock_filter code[] = {
		LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), RET(action), RET(SECCOMP_RET_ALLOW),
	};
	return install(code, 4, flags);
}

static void status(const char *when)
{
	char line[200];
	FILE *f = fopen("/proc/thread-self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "Seccomp", 7) || !strncmp(line, "NoNew", 5))
			printf("%s: %s", when, line);
	fclose(f);
	printf("%s: mode %d\n", when, prctl(PR_GET_SECCOMP));
}

static void handler(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	printf("signal %d code %d errno %d call %d arch %x address %s\n", sig, si->si_code, si->si_errno, si->si_syscall, si->si_arch,
	       si->si_call_addr == (void *)u->uc_mcontext.gregs[REG_RIP] ? "behind it" : "elsewhere");
	u->uc_mcontext.gregs[REG_RAX] = 4711;
}

static int go, killed;

static void *waits(void *p)
{
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		usleep(1000);
	result("in the other thread", syscall(SYS_getppid));
	return p;
}

static void *dies(void *p)
{
	on(SYS_getuid, SECCOMP_RET_KILL_THREAD, 0);
	syscall(SYS_getuid);
	killed = 1;
	return p;
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		result("after execve", syscall(SYS_getppid));
		status("after execve");
		return 0;
	}
	setvbuf(stdout, 0, _IONBF, 0);
	struct sock_filter bad[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3), RET(0)};
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	result("unaligned", install(bad, 2, 0));
	result("empty", install(bad, 0, 0));
	result("unknown flag", install(bad + 1, 1, 1 << 20));
	result("no memory", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 8));
	result("unknown operation", syscall(SYS_seccomp, 77, 0, 0));
	result("strict with flags", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, 0));
	unsigned action = SECCOMP_RET_TRAP;
	result("available", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
	status("before");

	pthread_t t;
	pthread_create(&t, 0, waits, 0);
	result("for all threads", on(SYS_getppid, SECCOMP_RET_ERRNO | EDOM, SECCOMP_FILTER_FLAG_TSYNC));
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	pthread_join(t, 0);
	status("filter");

	// By argument: dup of 77 and above is refused, 1000 is no error, 1001 no call.
	struct sock_filter args[] = {
		LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup, 0, 6), LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1000, 0, 1), RET(SECCOMP_RET_ERRNO),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1001, 0, 1), RET(SECCOMP_RET_TRACE),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 77, 1, 0), RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ERRNO | EXDEV),
	};
	args[1].jf = 6;
	result("by argument", install(args, 10, 0));
	result("dup 76", dup(76));
	result("dup 77", dup(77));
	result("dup 1000", dup(1000));
	result("dup 1001", dup(1001));
	int fd = dup(1);
	check(fd > 2, "dup 1");
	close(fd);

	// The newest of equals, and the least permissive.
	on(SYS_getppid, SECCOMP_RET_ERRNO | EILSEQ, 0);
	result("newest", syscall(SYS_getppid));
	on(SYS_getppid, SECCOMP_RET_ALLOW, 0);
	result("least permissive", syscall(SYS_getppid));

	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSYS, &sa, 0);
	on(SYS_getgid, SECCOMP_RET_TRAP | 99, 0);
	result("trapped", syscall(SYS_getgid, 1, 2, 3));

	pthread_create(&t, 0, dies, 0);
	pthread_join(t, 0);
	printf("thread killed: %d\n", !killed);
	result("not for this one", syscall(SYS_getuid) == (long)getuid() ? 0 : -1);

	int st;
	if (fork() == 0) {
		sigset_t s;
		sigemptyset(&s);
		sigaddset(&s, SIGSYS);
		sigprocmask(SIG_BLOCK, &s, 0);
		syscall(SYS_getgid);
		_exit(1);
	}
	wait(&st);
	printf("blocked: signal %d\n", WTERMSIG(st));
	if (fork() == 0) {
		on(SYS_getpgrp, SECCOMP_RET_KILL_PROCESS, 0);
		syscall(SYS_getpgrp);
		_exit(1);
	}
	wait(&st);
	printf("killed: signal %d\n", WTERMSIG(st));
	status("end");
	execl("/proc/self/exe", "again", "x", NULL);
}
