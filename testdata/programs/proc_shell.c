// system and popen with pipelines, lists, substitutions and background jobs.
#include "prog.h"

static void run(const char *line)
{
	fflush(stdout);
	int st = system(line);
	printf("-> %d\n", WIFEXITED(st) ? WEXITSTATUS(st) : 1000 + WTERMSIG(st));
}

int main(void)
{
	run("echo one | tr a-z A-Z | rev");
	run("seq 1 2000 | sort -rn | head -n 3 | paste -sd+ ");
	run("x=$(echo a b c | wc -w); echo $((x * 14)); exit $x");
	run("(exit 5) || echo failed; true && echo went on");
	run("for i in 3 1 2; do echo $i; done | sort");
	run("sleep 0.01 & wait $!; echo waited");
	run("kill -9 $$");
	run("cat <<X | wc -c\nhere document\nX\n");
	FILE *f = popen("cat; exit 7", "w");
	fputs("to popen\n", f);
	printf("pclose %d\n", WEXITSTATUS(pclose(f)));
	f = popen("echo from popen; echo second", "r");
	char line[100];
	while (fgets(line, sizeof line, f))
		printf("[%s]\n", strtok(line, "\n"));
	printf("pclose %d\n", pclose(f));
}
