// 5 MB on stdout in writes of all sizes, a little on stderr.
#include "prog.h"

int main(void)
{
	static char buf[70000];
	long total = 0;
	for (int i = 0; i < (int)sizeof buf; i++)
		buf[i] = i % 64 == 63 ? '\n' : ' ' + (i * 7 + i / 64) % 90;
	for (int i = 1; total < 5000000; i++) {
		long n = (i * 2654435761u) % sizeof buf + 1;
		for (long o = 0; o < n;)
			o += must(write(1, buf + o, n - o), "write");
		total += n;
	}
	fprintf(stderr, "%ld bytes\n", total);
}
