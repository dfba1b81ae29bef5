// Standard input by lines, characters, scanf and blocks, from a pipe that a child fills slowly.
#include "prog.h"

int main(void)
{
	int p[2], n = 0, x, c;
	char line[100];
	must(pipe(p), "pipe");
	pid_t pid = fork();
	if (!pid) {
		close(p[0]);
		const char *parts[] = {"first li", "ne\nsecond line\n", "12 34", " 56\nrest:", "abc", "def"};
		for (int i = 0; i < 6; i++) {
			write(p[1], parts[i], strlen(parts[i]));
			usleep(1000);
		}
		_exit(0);
	}
	close(p[1]);
	dup2(p[0], 0);
	printf("%s", fgets(line, sizeof line, stdin));
	printf("%s", fgets(line, sizeof line, stdin));
	while (scanf("%d", &x) == 1)
		n = n * 100 + x;
	printf("%d\n", n);
	while ((c = getchar()) != EOF)
		putchar(c);
	putchar('\n');
	waitpid(pid, 0, 0);
	printf("eof %d\n", feof(stdin) != 0);
}
