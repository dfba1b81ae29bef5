// A program that traces its child, as a small debugger would.
#include "prog.h"
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

static volatile long variable = 0x1122334455667788;

int main(void)
{
	pid_t pid = fork();
	if (!pid) {
		must(ptrace(PTRACE_TRACEME, 0, 0, 0), "PTRACE_TRACEME");
		raise(SIGSTOP);
		_exit(variable == 77 ? 3 : 4);
	}
	int st;
	must(waitpid(pid, &st, 0), "waitpid");
	printf("stopped %d by %d\n", WIFSTOPPED(st), WSTOPSIG(st));
	errno = 0;
	printf("PTRACE_PEEKDATA %lx\n", ptrace(PTRACE_PEEKDATA, pid, &variable, 0));
	struct user_regs_struct r;
	memset(&r, 0x55, sizeof r);
	result("PTRACE_GETREGS", ptrace(PTRACE_GETREGS, pid, 0, &r));
	printf("cs %llx, call %lld\n", r.cs, (long long)r.orig_rax);
	struct iovec v = {&r, sizeof r};
	memset(&r, 0x55, sizeof r);
	result("PTRACE_GETREGSET", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
	printf("%zu bytes, ss %llx\n", v.iov_len, r.ss);
	siginfo_t si;
	result("PTRACE_GETSIGINFO", ptrace(PTRACE_GETSIGINFO, pid, 0, &si));
	printf("signal %d\n", si.si_signo);
	uint64_t mask[2] = {~0ull, ~0ull};
	result("PTRACE_GETSIGMASK", ptrace(PTRACE_GETSIGMASK, pid, 8, mask));
	printf("mask %lx, beyond %lx\n", mask[0], mask[1]);
	result("PTRACE_SETOPTIONS", ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
	struct __ptrace_syscall_info info;
	check(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0, "PTRACE_GET_SYSCALL_INFO");
	result("PTRACE_POKEDATA", ptrace(PTRACE_POKEDATA, pid, &variable, 77L));
	result("PTRACE_CONT", ptrace(PTRACE_CONT, pid, 0, 0));
	must(waitpid(pid, &st, 0), "waitpid");
	printf("event %d\n", st >> 16);
	unsigned long msg = -1;
	result("PTRACE_GETEVENTMSG", ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg));
	printf("will exit with %lu\n", msg >> 8);
	result("PTRACE_DETACH", ptrace(PTRACE_DETACH, pid, 0, 0));
	must(waitpid(pid, &st, 0), "waitpid");
	printf("exit %d\n", WEXITSTATUS(st));
	result("of nobody", ptrace(PTRACE_CONT, pid, 0, 0));
	printf("ours is %lx\n", variable);
}
