// flags: -pthread
// A process with the same memory stops the program's threads by ptrace, and reads
// their registers, as LeakSanitizer does.
#define _GNU_SOURCE
#include "prog.h"
#include <dirent.h>
#include <elf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

enum { sleepers = 2, spinners = 1, threads = 1 + sleepers + spinners };

static volatile int done, quit, ready;
static volatile long turns;
static int fds[2];
static char *stacks[threads];
static pid_t tids[threads];

static void note(int n)
{
	tids[n] = (pid_t)syscall(SYS_gettid);
	stacks[n] = __builtin_frame_address(0);
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
}

static void *asleep(void *n)
{
	char c;
	note((int)(long)n);
	return read(fds[0], &c, 1) < 0 ? n : 0;
}

static void *spinning(void *n)
{
	note((int)(long)n);
	while (!quit)
		turns++;
	return 0;
}

// Nothing here may need a thread of the C library's.
static long call(long nr, long a, long b, long c, long d)
{
	long r;
	register long r10 __asm__("r10") = d;
	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
	return r;
}

static volatile long attached, stopped, near_stack, extended, peeked, still, detached, twice;

static int tracer(void *arg)
{
	(void)arg;
	for (int i = 0; i < threads; i++) {
		int st = 0;
		attached += call(SYS_ptrace, PTRACE_ATTACH, tids[i], 0, 0) == 0;
		stopped += call(SYS_wait4, tids[i], (long)&st, __WALL, 0) == tids[i] && WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP;
		twice += call(SYS_ptrace, PTRACE_ATTACH, tids[i], 0, 0) == -EPERM;
	}
	long before = turns;
	for (int i = 0; i < threads; i++) {
		struct user_regs_struct regs = {0};
		struct iovec v = {&regs, sizeof regs};
		call(SYS_ptrace, PTRACE_GETREGSET, tids[i], NT_PRSTATUS, (long)&v);
		near_stack += v.iov_len == sizeof regs && (char *)regs.rsp > stacks[i] - 65536 && (char *)regs.rsp < stacks[i] + 65536;
		static char xstate[16384];
		v = (struct iovec){xstate, sizeof xstate};
		long r = call(SYS_ptrace, PTRACE_GETREGSET, tids[i], NT_X86_XSTATE, (long)&v);
		extended += r == 0 ? v.iov_len > 512 : r == -EIO;
		long word = 0, at = *(long *)stacks[i];
		peeked += call(SYS_ptrace, PTRACE_PEEKDATA, tids[i], (long)stacks[i], (long)&word) == 0 && word == at;
	}
	for (volatile int i = 0; i < 5000000; i++)
		;
	still = turns == before;
	for (int i = 0; i < threads; i++)
		detached += call(SYS_ptrace, PTRACE_DETACH, tids[i], 0, 0) == 0;
	done = 1;
	return 5;
}

int main(void)
{
	pthread_t t[threads];
	must(pipe(fds), "pipe");
	note(0);
	for (long i = 1; i < threads; i++)
		pthread_create(&t[i], 0, i <= sleepers ? asleep : spinning, (void *)i);
	while (ready < threads)
		sched_yield();
	char *stack = malloc(1 << 16);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	pid_t pid = must(clone(tracer, stack + (1 << 16), CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED, 0), "clone");
	while (!done)
		sched_yield();
	int st;
	must(waitpid(pid, &st, __WALL), "waitpid");
	printf("tracer ended with %d\n", WEXITSTATUS(st));
	quit = 1;
	must(write(fds[1], "ab", sleepers), "write");
	for (int i = 1; i < threads; i++)
		pthread_join(t[i], 0);
	printf("attached %ld, twice refused %ld, stopped %ld, registers %ld, more %ld, memory %ld, stood still %ld, detached %ld\n",
		attached, twice, stopped, near_stack, extended, peeked, still, detached);
}
