// Built statically, with glibc and with musl.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int less(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

int main(int argc, char **argv)
{
	static char *words[5000];
	for (int i = 0; i < 5000; i++) {
		words[i] = malloc(16);
		snprintf(words[i], 16, "w%d", (i * 7919) % 10007);
	}
	qsort(words, 5000, sizeof *words, less);
	printf("%s %s %s\n", words[0], words[2500], words[4999]);
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	nanosleep(&(struct timespec){0, 1000000}, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%d\n", (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >= 1000000);
	FILE *f = fopen(argv[1], "r");
	if (!f) {
		fprintf(stderr, "%s\n", strerror(errno));
		return 1;
	}
	unsigned sum = 0, lines = 0;
	for (int c; (c = getc(f)) != EOF; sum = sum * 31 + c)
		lines += c == '\n';
	printf("%u %u %.10g\n", lines, sum, strtod("3.25e-3", 0));
	return 9;
}
