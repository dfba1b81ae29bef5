// SIGSEGV blocked, and ignored, while memory is accessed that a recorder may protect:
// shared memory, and code that is written. Handler and mask stay as they were.
#include "prog.h"
#include <sys/wait.h>

static volatile int handled;

static void on_segv(int sig, siginfo_t *si, void *uc)
{
	handled++;
	if (si->si_code > 0)
		REG(uc, RIP) += 3; // mov (%rax), %rax
}

// touch accesses shared memory and code by instructions that are new each time.
static long touch(void)
{
	static const char text[] = "\x8b\x07\x83\x07\x01\xc3"; // mov (%rdi), %eax; addl $1, (%rdi); ret
	static int *shared;
	long sum = 0;
	if (!shared)
		shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *code = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; i < 5; i++) {
		memcpy(code + 64 * i, text, sizeof text);
		sum += ((int (*)(int *))(code + 64 * i))(shared);
	}
	return sum;
}

static void state(const char *what)
{
	struct sigaction sa;
	sigset_t mask;
	sigaction(SIGSEGV, 0, &sa);
	sigprocmask(SIG_SETMASK, 0, &mask);
	printf("%s: %s, SIGSEGV %sblocked, SIGBUS %sblocked, handled %d\n", what,
	       sa.sa_handler == SIG_DFL ? "default" : sa.sa_handler == SIG_IGN ? "ignored" : "handler",
	       sigismember(&mask, SIGSEGV) ? "" : "not ", sigismember(&mask, SIGBUS) ? "" : "not ", handled);
	fflush(stdout);
}

static void fault(void) { __asm__ volatile("mov (%%rax), %%rax" : : "a"(16) : "memory"); }

static void in_child(const char *what, int ignored)
{
	int st;
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		if (ignored)
			execl("/bin/sh", "sh", "-c", "kill -SEGV $$; echo it is ignored", (char *)0);
		fault();
		_exit(0);
	}
	must(waitpid(pid, &st, 0), "waitpid");
	printf("%s: signal %d, status %d\n", what, WIFSIGNALED(st) ? WTERMSIG(st) : 0, WIFEXITED(st) ? WEXITSTATUS(st) : -1);
}

int main(void)
{
	sigset_t all, segv, old;
	handle(SIGSEGV, on_segv, 0);
	sigfillset(&all);
	sigemptyset(&segv);
	sigaddset(&segv, SIGSEGV);
	sigprocmask(SIG_BLOCK, &segv, &old);
	printf("%ld\n", touch());
	state("SIGSEGV blocked");
	sigprocmask(SIG_SETMASK, &all, 0);
	printf("%ld\n", touch());
	state("all blocked");
	in_child("a fault while blocked", 0);
	raise(SIGSEGV);
	printf("%ld\n", touch());
	state("pending");
	sigprocmask(SIG_SETMASK, &old, 0);
	state("unblocked");
	fault();
	state("after a fault");
	signal(SIGSEGV, SIG_IGN);
	printf("%ld\n", touch());
	state("ignored");
	raise(SIGSEGV);
	printf("%ld\n", touch());
	kill(getpid(), SIGSEGV);
	in_child("over execve", 1);
	in_child("a fault while ignored", 0);
	state("still ignored");
	return 0;
}
