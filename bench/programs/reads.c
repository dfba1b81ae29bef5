// Reads 16 bytes at a time.
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	unsigned long sum = 0;
	char buf[16];
	int fd = open("/dev/zero", O_RDONLY);
	for (int i = 0; i < 1500000; i++)
		sum += read(fd, buf, sizeof buf);
	return sum == 42;
}
