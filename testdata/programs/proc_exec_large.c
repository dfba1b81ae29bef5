// execve with 20,000 arguments, 5,000 variables, and single ones of 100 KB.
#include "prog.h"

extern char **environ;

int main(int argc, char **argv)
{
	if (argc > 5) {
		uint64_t h = 0;
		long n = 0;
		for (int i = 1; i < argc; i++)
			h = h * 31 + hash(argv[i], strlen(argv[i]));
		for (char **e = environ; *e; e++, n++)
			h = h * 31 + hash(*e, strlen(*e));
		printf("%d arguments, %ld variables, %016lx\n", argc, n, h);
		char *p = argv[argc - 1];
		printf("last %zu %c\n", strlen(p), *p);
		printf("one [%s]\n", getenv("V4711"));
		return 0;
	}
	char **args = calloc(20003, sizeof *args), **env = calloc(5002, sizeof *env), *large = malloc(100001);
	args[0] = argv[0];
	for (int i = 1; i <= 20000; i++)
		asprintf(&args[i], "a%d", i);
	for (int i = 0; i < 5000; i++)
		asprintf(&env[i], "V%d=%d", i, i * i);
	memset(large, 'l', 100000), large[100000] = 0;
	args[20001] = env[5000] = large;
	execve("/proc/self/exe", args, env);
	perror("execve");
	return 99;
}
