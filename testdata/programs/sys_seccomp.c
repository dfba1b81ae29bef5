// A seccomp filter of the program's own: errors, kills, allowed calls, inherited by children.
#include "prog.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static void filter(int nr, int action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof code / sizeof *code, code};
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog), "seccomp");
}

int main(void)
{
	int st;
	filter(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV);
	result("refused", syscall(SYS_getppid));
	check(syscall(SYS_getpid) == getpid(), "allowed");
	filter(SYS_getsid, SECCOMP_RET_ERRNO | EBADE);
	result("both", syscall(SYS_getppid));
	result("both", syscall(SYS_getsid, 0));
	result("PR_GET_SECCOMP", prctl(PR_GET_SECCOMP));
	// Also calls that others may make in the name of this process.
	static const int own[] = {SYS_mmap, SYS_munmap, SYS_mprotect, SYS_memfd_create, SYS_userfaultfd};
	for (int i = 0; i < 5; i++)
		filter(own[i], SECCOMP_RET_ERRNO | ESRMNT);
	check(mmap(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ESRMNT, "mmap");
	fflush(stdout);
	if (!must(fork(), "fork")) {
		result("inherited", syscall(SYS_getppid));
		fflush(stdout);
		filter(SYS_getpgid, SECCOMP_RET_KILL_PROCESS);
		syscall(SYS_getpgid, 0);
		_exit(1);
	}
	wait(&st);
	printf("killed by %d\n", WTERMSIG(st));
	fflush(stdout);
	filter(SYS_getuid, SECCOMP_RET_KILL_PROCESS);
	syscall(SYS_getuid);
	puts("never");
}
