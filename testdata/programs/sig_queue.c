// sigqueue: values and sender, limits of the queue, permissions and errors.
#include "prog.h"
#include <sys/resource.h>

static volatile int n, bad;
static void handler(int sig, siginfo_t *si, void *uc)
{
	bad += si->si_code != SI_QUEUE || si->si_pid != getpid() || si->si_uid != getuid() || si->si_value.sival_ptr != (char *)0x123456789abc + n;
	n++;
}

int main(void)
{
	sigset_t set;
	handle(SIGRTMIN + 1, handler, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, 0);
	for (int i = 0; i < 100; i++)
		must(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_ptr = (char *)0x123456789abc + i}), "sigqueue");
	sigprocmask(SIG_UNBLOCK, &set, 0);
	printf("arrived %d bad %d\n", n, bad);
	result("nobody", sigqueue(1 << 30, SIGRTMIN, (union sigval){0}));
	result("bad signal", sigqueue(getpid(), 99, (union sigval){0}));
	siginfo_t si = {.si_code = SI_USER};
	result("forged for another", syscall(SYS_rt_sigqueueinfo, getppid(), 0, &si));
	si.si_code = -77;
	si.si_value.sival_int = 4;
	sigprocmask(SIG_BLOCK, &set, 0);
	result("own code", syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN + 1, &si));
	memset(&si, 0, sizeof si);
	sigwaitinfo(&set, &si);
	printf("code %d value %d\n", si.si_code, si.si_value.sival_int);
}
