// The trap flag without a handler, with SIGTRAP ignored or blocked, and over fork, execve and the faults of an instruction
#include "prog.h"
#include <sys/resource.h>

#define TRACE "sub $128, %%rsp\n pushfq\n orl $0x100, (%%rsp)\n popfq\n add $128, %%rsp\n"
static volatile int steps, faults;

static void step(int sig, siginfo_t *si, void *uc)
{
	if (++steps == 9)
		REG(uc, EFL) &= ~0x100;
}

static void fault(int sig, siginfo_t *si, void *uc)
{
	faults += REG(uc, EFL) >> 8 & 1;
	REG(uc, RIP) += 2;
}

static void try(const char *what, int way)
{
	int st;
	sigset_t set;
	fflush(stdout);
	if (!must(fork(), "fork")) {
		sigemptyset(&set);
		sigaddset(&set, SIGTRAP);
		if (way > 1)
			handle(SIGTRAP, step, 0);
		if (way == 1)
			signal(SIGTRAP, SIG_IGN);
		if (way == 2)
			sigprocmask(SIG_BLOCK, &set, 0);
		if (way == 3) {
			long r;
			asm volatile(TRACE "syscall\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop"
				     : "=a"(r) : "a"(SYS_fork) : "rcx", "r11", "cc", "memory");
			if (r == 0)
				_exit(steps);
			wait(&st);
			_exit(10 * steps + WEXITSTATUS(st));
		}
		if (way == 4) {
			handle(SIGSEGV, fault, 0);
			asm volatile(TRACE "mov (%%rax), %%eax\n nop\n ud2a\n nop\n nop\n nop\n nop\n nop"
				     : : "a"(8) : "cc", "memory");
			_exit(3);
		}
		if (way == 5) {
			handle(SIGSEGV, fault, 0);
			asm volatile(TRACE "mov (%%rax), %%eax\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop"
				     : : "a"(8) : "cc", "memory");
			_exit(10 * steps + faults);
		}
		if (way == 6) {
			char *const args[] = {"true", 0}, *const env[] = {0};
			asm volatile(TRACE "syscall" : : "a"(SYS_execve), "D"("/bin/true"), "S"(args), "d"(env) : "rcx", "r11", "cc", "memory");
		}
		asm volatile(TRACE "nop\n nop" : : : "cc", "memory");
		_exit(2);
	}
	wait(&st);
	printf("%s: %s %d\n", what, WIFSIGNALED(st) ? "signal" : "exit", WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
}

int main(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	try("default", 0);
	try("ignored", 1);
	try("blocked", 2);
	try("fork", 3);
	try("ud2", 4);
	try("fault", 5);
	try("execve", 6);
	fflush(stdout);
	asm volatile(TRACE "nop\n nop\n nop" : : : "cc", "memory");
}
