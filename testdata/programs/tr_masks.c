// Signal masks, dispositions and the alternate stack at the start of main are those a parent gave.
#include "prog.h"

int main(int argc, char **argv)
{
	sigset_t set;
	stack_t ss;
	if (argc == 1) {
		for (int s = 1; s < 65; s++)
			signal(s, s == SIGUSR2 || s == SIGURG || s == SIGRTMAX ? SIG_IGN : SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, SIGTRAP), sigaddset(&set, SIGSEGV), sigaddset(&set, SIGALRM), sigaddset(&set, SIGRTMIN + 1);
		sigprocmask(SIG_SETMASK, &set, 0);
		execl("/proc/self/exe", argv[0], "again", (char *)0);
	}
	printf("blocked:");
	sigprocmask(SIG_BLOCK, 0, &set);
	for (int s = 1; s < 65; s++)
		if (sigismember(&set, s) == 1)
			printf(" %d", s);
	printf("\nnot default:");
	for (int s = 1; s < 65; s++) {
		struct sigaction sa = {0};
		if (!sigaction(s, 0, &sa) && sa.sa_handler != SIG_DFL)
			printf(" %d:%d:%x", s, sa.sa_handler == SIG_IGN, sa.sa_flags & 0x3ffffff);
	}
	sigaltstack(0, &ss);
	printf("\nalternate stack: %d %p %zu\n", ss.ss_flags, ss.ss_sp, ss.ss_size);
	sigpending(&set);
	printf("pending: %d\n", !sigisemptyset(&set));
}
