// fork: copied memory, order by wait, exit statuses, a chain of children.
#include "prog.h"

int main(void)
{
	int shared = 1, st, sum = 0;
	for (int i = 0; i < 10; i++) {
		pid_t pid = must(fork(), "fork");
		if (!pid) {
			shared += i;
			_exit(shared);
		}
		check(waitpid(pid, &st, 0) == pid, "waitpid");
		sum += WEXITSTATUS(st);
	}
	printf("sum %d shared %d\n", sum, shared);
	pid_t pids[5];
	for (int i = 0; i < 5; i++)
		if (!(pids[i] = fork()))
			_exit(100 + i);
	for (int i = 4; i >= 0; i--) {
		waitpid(pids[i], &st, 0);
		printf("%d ", WEXITSTATUS(st));
	}
	puts("");
	fflush(stdout);
	if (!fork()) {
		if (!fork()) {
			puts("grandchild");
			exit(5);
		}
		wait(&st);
		printf("child saw %d\n", WEXITSTATUS(st));
		exit(6);
	}
	wait(&st);
	printf("parent saw %d\n", WEXITSTATUS(st));
}
