// A chain of twenty forks; each adds its own to its child's status.
#include "prog.h"

int main(void)
{
	int depth = 0, st;
	while (depth < 20) {
		pid_t pid = must(fork(), "fork");
		if (!pid) {
			depth++;
			continue;
		}
		must(waitpid(pid, &st, 0), "waitpid");
		if (!depth) {
			printf("status %d\n", WEXITSTATUS(st));
			return 0;
		}
		_exit(WEXITSTATUS(st) + depth);
	}
	_exit(depth);
}
