// seccomp's RET_TRAP: SIGSYS with the call, a handler that answers it; RET_TRACE without a tracer; strict mode.
#include "prog.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static volatile int nr, code, arch, n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	nr = si->si_syscall, code = si->si_code, arch = si->si_arch;
	REG(uc, RAX) = 4711;
	n++;
}

int main(void)
{
	int st;
	handle(SIGSYS, handler, 0);
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | 5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof f / sizeof *f, f};
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog), "prctl");
	for (int i = 0; i < 3; i++)
		result("trapped", syscall(SYS_getppid));
	printf("call %d code %d arch %x times %d\n", nr, code, arch, n);
	result("no tracer", syscall(SYS_getpgrp));
	fflush(stdout);
	if (!must(fork(), "fork")) {
		result("strict after filter", prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
		fflush(stdout);
		_exit(2);
	}
	wait(&st);
	printf("status %d\n", WEXITSTATUS(st));
	signal(SIGSYS, SIG_DFL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	fflush(stdout);
	syscall(SYS_getppid);
}
