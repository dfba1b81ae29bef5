// A child that shares its maker's memory and has it wait sees the pidfd and the TID
// that the kernel has given the maker.
#include "prog.h"
#include <sched.h>
#include <sys/syscall.h>

static int pidfd = -1;
static volatile int fd_seen, sum;

int main(void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = {CLONE_VM | CLONE_VFORK | CLONE_PIDFD, (uint64_t)&pidfd, .exit_signal = SIGCHLD};
	for (int i = 0; i < 30; i++) {
		pidfd = -1, fd_seen = -2;
		long pid = syscall(SYS_clone3, &args, sizeof args);
		if (!pid) {
			fd_seen = pidfd;
			for (volatile int work = 0; work < 300000; work++)
				sum += work;
			syscall(SYS_exit, 3);
		}
		int st;
		waitpid(pid, &st, 0);
		if (fd_seen != pidfd || pidfd < 0 || WEXITSTATUS(st) != 3)
			printf("WRONG: %d %d %d\n", fd_seen, pidfd, st);
		close(pidfd);
	}
	printf("done\n");
}
