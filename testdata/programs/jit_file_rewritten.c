// Code mapped from a file that is written anew between two mappings, at the same address and at others.
#include "jit.h"
#include <fcntl.h>

static int run(const char *path, void *at, int value)
{
	unsigned char code[4096] = {0xb8, value, 0, 0, 0, 0xc3}; // mov eax, value; ret
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(fd, code, sizeof code) != sizeof code)
		return -1;
	int (*f)(void) = mmap(at, sizeof code, PROT_READ | PROT_EXEC, MAP_PRIVATE | (at ? MAP_FIXED : 0), fd, 0);
	close(fd);
	int got = f();
	munmap(f, sizeof code);
	return got;
}

int main(void)
{
	char path[] = "code-XXXXXX";
	void *at = mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	close(mkstemp(path));
	for (int i = 0; i < 3; i++)
		printf("there %d\n", run(path, at, 7 + i));
	for (int i = 0; i < 3; i++)
		printf("moved %d\n", run(path, (char *)at + 8192 * i, 7));
	for (int i = 0; i < 3; i++)
		printf("anywhere %d\n", run(path, 0, 9 + i));
	unlink(path);
	return 0;
}
