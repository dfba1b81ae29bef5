// 100,000 events, of several kinds.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	int fd = open("/dev/zero", O_RDONLY), pipes[2];
	unsigned long sum = 0, late = 0;
	char buf[64];
	struct stat st;
	struct timespec before = {0}, now;
	if (fd < 0 || pipe(pipes))
		return 1;
	for (int i = 0; i < 20000; i++) {
		sum += read(fd, buf, 1 + i % 64);
		sum += write(pipes[1], &i, sizeof i);
		sum += read(pipes[0], buf, sizeof buf);
		sum += fstat(fd, &st) + (st.st_mode & S_IFMT);
		clock_gettime(CLOCK_MONOTONIC, &now);
		late += now.tv_sec < before.tv_sec || (now.tv_sec == before.tv_sec && now.tv_nsec < before.tv_nsec);
		before = now;
	}
	printf("%lu %lu\n", sum, late);
	return 0;
}
