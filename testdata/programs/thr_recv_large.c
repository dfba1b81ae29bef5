// A thread reads what another is still receiving, in a buffer of many pages, and acts
// by that: files, too.
#include "thread.h"
#include <sys/socket.h>

enum { size = 4 << 20, piece = 64 << 10, rounds = 3 };
static unsigned char whole[size], copy[size];
static int ends[2], file;
static volatile int going = 1;
static volatile long short_reads;

static void *receive(void *arg)
{
	for (int i = 0; i < rounds; i++)
		short_reads += recv(ends[0], whole, size, MSG_WAITALL) != size;
	return 0;
}

static void *reread(void *arg)
{
	while (going)
		short_reads += pread(file, copy, size, 0) != size;
	return 0;
}

// glance makes a call of what the buffers hold now.
static long glance(void)
{
	long sum = 0;
	for (int i = 0; i < size; i += PAGE)
		sum += ((volatile unsigned char *)whole)[i] + ((volatile unsigned char *)copy)[i];
	return lseek(file, sum, SEEK_SET) == sum;
}

int main(void)
{
	static unsigned char b[piece];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	memset(copy, 7, size);
	file = tmpfile_fd((char *)copy, size);
	pthread_t r = start(receive, 0), f = start(reread, 0);
	long bad = 0;
	for (int i = 0; i < rounds * (size / piece); i++) {
		memset(b, i, piece);
		for (size_t n = 0; n < piece;)
			n += must(write(ends[1], b + n, piece - n), "write");
		bad += !glance();
	}
	going = 0;
	join(r);
	join(f);
	for (int i = 0; i < size; i++)
		bad += whole[i] != (unsigned char)((rounds - 1) * (size / piece) + i / piece);
	printf("bad %ld, short %ld\n", bad, short_reads);
	return 0;
}
