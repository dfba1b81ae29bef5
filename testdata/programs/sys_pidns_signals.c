// In a PID namespace, where all signals from outside have the sender 0: a filter's
// SIGSYS that interrupts its own handler, faults, many signals of another thread, and
// handlers on a stack in shared memory.
#include "thread.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>

static volatile int trapped, faults, strange, sent, depth;
static pthread_t target;

static void on_sys(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	if (si->si_code != 1) { // SYS_SECCOMP
		printf("unexpected code %d from %d\n", si->si_code, si->si_pid);
		_exit(1);
	}
	trapped++;
	if (depth++ == 0)
		u->uc_mcontext.gregs[REG_RAX] = getppid(); // again
	else
		u->uc_mcontext.gregs[REG_RAX] = 4711;
	depth--;
}

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;
	faults += si->si_addr == (void *)16;
	u->uc_mcontext.gregs[REG_RIP] += 3; // of mov (%rax), %rax
}

static void on_usr(int sig, siginfo_t *si, void *uc)
{
	sent += sig == SIGUSR2;
	strange += si->si_code != SI_TKILL || si->si_pid != getpid();
}

static volatile int going = 1;

static void *pester(void *arg)
{
	while (going) {
		pthread_kill(target, SIGUSR1);
		usleep(50);
	}
	return 0;
}

static void shared_stack(void)
{
	stack_t ss = {.ss_size = 16 * PAGE};
	ss.ss_sp = mmap(0, ss.ss_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(sigaltstack(&ss, 0), "sigaltstack");
	handle(SIGUSR2, on_usr, SA_NODEFER | SA_ONSTACK);
}

static int inside(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {4, code};
	printf("pid %d\n", getpid());
	handle(SIGSYS, on_sys, SA_NODEFER);
	handle(SIGSEGV, on_fault, SA_NODEFER);
	handle(SIGUSR1, on_usr, SA_NODEFER);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0), "PR_SET_SECCOMP");
	long results = 0;
	target = pthread_self();
	pthread_t t = start(pester, 0);
	for (int i = 0; i < 300; i++) {
		results += getppid() == 4711;
		__asm__ volatile("mov (%%rax), %%rax" : : "a"(16) : "memory");
	}
	shared_stack();
	for (int i = 0; i < 5; i++)
		raise(SIGUSR2);
	going = 0;
	join(t);
	printf("%ld results, %d traps, %d faults, %d sent, %d strange\n", results, trapped, faults, sent, strange);
	return 7;
}

int main(void)
{
	int st;
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID)) {
		result("unshare", -1);
		return 0;
	}
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (!pid)
		exit(inside());
	must(waitpid(pid, &st, 0), "waitpid");
	printf("status %d\n", WEXITSTATUS(st));
}
