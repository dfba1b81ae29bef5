// flags: -fsanitize=address -g -pthread
// AddressSanitizer: a shadow of all memory, children with it, a search for leaks at the end.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready;

static void *wait_for_ever(void *fd)
{
	char c;
	char *kept = strdup("only this thread knows it");
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	if (read(*(int *)fd, &c, 1) < 0)
		puts(kept);
	return kept;
}

int main(void)
{
	int fds[2];
	pthread_t t[3];
	if (pipe(fds))
		return 1;
	for (int i = 0; i < 3; i++) {
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0) {
			char *p = malloc(10 + (size_t)i);
			memset(p, 'a', 10);
			int sum = p[3];
			free(p);
			exit(sum - 90);
		}
		int st;
		waitpid(pid, &st, 0);
		printf("child %d\n", WEXITSTATUS(st));
	}
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], 0, wait_for_ever, &fds[0]);
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < 3)
		usleep(1000);
	// They still wait when the search begins.
	return 0;
}
