// getrlimit, setrlimit, prlimit: values, of another process, what they limit, errors.
#include "prog.h"
#include <sys/resource.h>

int main(void)
{
	struct rlimit r, old;
	int st;
	result("set", prlimit(0, RLIMIT_NOFILE, &(struct rlimit){30, 40}, &old));
	getrlimit(RLIMIT_NOFILE, &r);
	printf("%ld %ld\n", (long)r.rlim_cur, (long)r.rlim_max);
	int n = 0;
	while (dup(1) >= 0)
		n++;
	printf("%s\n", strerrorname_np(errno));
	close_range(3, ~0u, 0);
	result("soft above hard", setrlimit(RLIMIT_NOFILE, &(struct rlimit){50, 40}));
	result("bad resource", getrlimit(99, &r));
	result("bad address", syscall(SYS_prlimit64, 0, RLIMIT_CPU, 0, 8));
	pid_t pid = must(fork(), "fork");
	if (!pid)
		for (;;)
			pause();
	result("of the child", prlimit(pid, RLIMIT_STACK, &(struct rlimit){1 << 20, 1 << 21}, 0));
	prlimit(pid, RLIMIT_STACK, 0, &r);
	printf("%ld %ld\n", (long)r.rlim_cur, (long)r.rlim_max);
	kill(pid, SIGKILL), waitpid(pid, &st, 0);
	result("nobody", prlimit(pid, RLIMIT_STACK, 0, &r));
	setrlimit(RLIMIT_AS, &(struct rlimit){1 << 30, RLIM_INFINITY});
	getrlimit(RLIMIT_AS, &r);
	printf("%ld\n", (long)r.rlim_cur);
	check(mmap(0, 2l << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED && errno == ENOMEM, "address space");
	check(mmap(0, 100 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED, "within it");
}
