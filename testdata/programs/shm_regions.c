// More pieces of shared memory than are accessed without a stop at a time.
#include "prog.h"

int main(void)
{
	enum { N = 14, ROUNDS = 300 };
	static char content[PAGE];
	volatile long *p[N];
	for (int i = 0; i < N; i++) {
		int fd = tmpfile_fd(content, PAGE);
		p[i] = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		volatile long *other = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (i % 5 == 0)
			p[i] = other;
	}
	long sum = 0;
	for (int round = 0; round < ROUNDS; round++)
		for (int i = round % 3; i < N; i += 1 + round / 100) {
			p[i][i] += round;
			p[i][i + 1] = p[i][i] ^ i;
			sum += p[i][i + 1];
		}
	printf("%ld\n", sum);
	for (int i = 0; i < N; i++)
		printf(" %ld", p[i][i]);
	puts("");
	return 0;
}
