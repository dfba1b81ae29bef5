// system and popen.
#include "prog.h"

int main(void)
{
	char line[64];
	fflush(stdout);
	printf("system %d\n", WEXITSTATUS(system("echo one; exit 3")));
	fflush(stdout);
	printf("killed %d\n", WTERMSIG(system("kill -TERM $$")));
	fflush(stdout);
	FILE *f = popen("echo a; echo b; exit 2", "r");
	while (fgets(line, sizeof line, f))
		printf("line %s", line);
	printf("pclose %d\n", WEXITSTATUS(pclose(f)));
	fflush(stdout);
	f = popen("sort", "w");
	for (int i = 0; i < 10; i++)
		fprintf(f, "%d\n", (i * 7) % 10);
	printf("pclose %d\n", WEXITSTATUS(pclose(f)));
	printf("shell there: %d\n", system(0) != 0);
}
