// Large writes to a pipe, read in odd pieces by another thread: both block in turn, nothing is lost.
#include "thread.h"

static int p[2];
static char data[300000], copy[300000];

static void *writer(void *arg)
{
	long n = write(p[1], data, sizeof data);
	close(p[1]);
	return (void *)n;
}

int main(void)
{
	must(pipe(p), "pipe");
	for (int i = 0; i < sizeof data; i++)
		data[i] = i * 7 >> 3;
	pthread_t t = start(writer, 0);
	long got = 0, n;
	while ((n = read(p[0], copy + got, 1 + got % 9999)) > 0)
		got += n;
	printf("written %ld read %ld\n", join(t), got);
	check(!memcmp(data, copy, sizeof data), "the same");
}
