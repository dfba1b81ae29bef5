// The signal mask is set through memory shared with others, and with pointers to such in registers that the call does not look at
#include "prog.h"
#include <time.h>

static volatile int got;
static void handler(int sig, siginfo_t *si, void *uc) { got++; }

// set calls rt_sigprocmask with the last two arguments that calls have, too.
static long set(int how, const sigset_t *new, sigset_t *old, void *rest)
{
	register long size __asm__("r10") = 8;
	register void *r8 __asm__("r8") = rest, *r9 __asm__("r9") = rest;
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_rt_sigprocmask), "D"((long)how), "S"(new), "d"(old), "r"(size), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return r;
}

// waits prints what of two signals comes now, and what of them when all may come.
static void waits(const char *what)
{
	sigset_t none, now;
	struct timespec soon = {0, 0};
	sigemptyset(&none);
	got = 0;
	kill(getpid(), SIGUSR1);
	printf("%s: %d, ", what, got);
	sigprocmask(SIG_BLOCK, 0, &now);
	printf("%d%d%d, ", sigismember(&now, SIGUSR1), sigismember(&now, SIGTRAP), sigismember(&now, SIGKILL));
	sigpending(&now);
	if (sigismember(&now, SIGUSR1))
		sigsuspend(&none);
	printf("%d\n", got);
}

int main(void)
{
	sigset_t *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sigset_t mask;
	handle(SIGUSR1, handler, 0);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		pause();
		_exit(0);
	}
	waits("at first");
	sigemptyset(&mask), sigaddset(&mask, SIGUSR1);
	set(SIG_BLOCK, &mask, 0, shared);
	waits("blocked");
	set(SIG_UNBLOCK, &mask, 0, shared);
	waits("unblocked");
	sigfillset(shared);
	set(SIG_SETMASK, shared, 0, 0);
	waits("all blocked");
	kill(getpid(), SIGUSR1);
	got = 0;
	sigemptyset(&mask);
	result("set", set(SIG_SETMASK, &mask, shared + 1, 0));
	printf("came before the call's end: %d\n", got);
	check(sigismember(shared + 1, SIGUSR1) && sigismember(shared + 1, SIGTRAP), "the old mask");
	result("wrong", set(7, &mask, shared, 0));
	waits("unblocked");
	kill(pid, SIGKILL);
	must(waitpid(pid, 0, 0), "waitpid");
}
