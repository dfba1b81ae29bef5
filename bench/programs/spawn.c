// Ten processes, one after the other: fork, exec, exit.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int ok = 0;
	for (int i = 0; i < 10; i++) {
		int st = 1;
		if (fork() == 0) {
			execl("/bin/true", "true", (char *)0);
			_exit(127);
		}
		wait(&st);
		ok += st == 0;
	}
	printf("%d\n", ok);
}
