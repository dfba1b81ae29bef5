// A ring of threads connected by pipes passes and changes a token.
#include "thread.h"

enum { N = 5, LAPS = 40 };
static int p[N][2];

static void *station(void *arg)
{
	long me = (long)arg, v;
	for (int i = 0; i < LAPS; i++) {
		must(read(p[me][0], &v, sizeof v), "read");
		v = v * 3 + me;
		must(write(p[(me + 1) % N][1], &v, sizeof v), "write");
	}
	return 0;
}

int main(void)
{
	for (int i = 0; i < N; i++)
		must(pipe(p[i]), "pipe");
	long v = 1;
	write(p[0][1], &v, sizeof v);
	crowd(N, station);
	result("read", read(p[0][0], &v, sizeof v));
	printf("%lu\n", v);
}
