// PR_SET_SYSCALL_USER_DISPATCH: calls that a byte blocks raise SIGSYS, but from one range of code.
#include "prog.h"
#include <sys/prctl.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

static volatile char selector;
static volatile long caught, errno_of, code_of, behind;
static char *always; // syscall; ret: the range that is never blocked

static long call(long nr, long a)
{
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a) : "rcx", "r11", "memory");
	return r;
}

static void handler(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	selector = 0;
	caught = si->si_syscall;
	errno_of = si->si_errno;
	code_of = si->si_code;
	behind = (long)si->si_call_addr == u->uc_mcontext.gregs[REG_RIP] && u->uc_mcontext.gregs[REG_RAX] == si->si_syscall;
	u->uc_mcontext.gregs[REG_RAX] = -1234;
}

int main(void)
{
	always = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	memcpy(always, "\x89\xf8\x0f\x05\xc3", 5); // mov eax, edi; syscall; ret
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSYS, &sa, 0);
	result("bad mode", prctl(PR_SET_SYSCALL_USER_DISPATCH, 7, 0, 0, 0));
	result("off with a range", prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 1, 1, 0));
	result("on", prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, always, PAGE, &selector));
	for (int i = 0; i < 3; i++) {
		selector = 1;
		long pid = ((long (*)(long))always)(SYS_getpid);
		long r = call(500 + i, 0); // no such call
		printf("blocked %ld, signal of call %ld code %ld errno %ld %s\n", r, caught, code_of, errno_of, behind ? "behind it" : "elsewhere");
		check(pid == getpid(), "range");
	}
	fflush(stdout);
	if (fork() == 0) { // not inherited
		selector = 1;
		call(SYS_exit_group, 5);
	}
	int st;
	wait(&st);
	printf("child %d\n", WEXITSTATUS(st));
	fflush(stdout);
	if (fork() == 0) {
		prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector);
		selector = 9;
		call(SYS_getpid, 0);
	}
	wait(&st);
	printf("neither: signal %d\n", WTERMSIG(st));
	result("off", prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	selector = 1;
	check(call(SYS_getpid, 0) == getpid(), "after");
}
