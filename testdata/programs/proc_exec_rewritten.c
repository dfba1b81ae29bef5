// Programs executed one after the other from the same path whose code differs in one byte.
#include "prog.h"
#include <sys/stat.h>
#include <sys/wait.h>

// The constant in the code stands between marks that occur nowhere else.
__attribute__((noinline, noclone)) static unsigned marked(void)
{
	unsigned v;
	__asm__ volatile("jmp 1f; .ascii \"\\xf7\\x3cKMARK\"; 1: mov $0x11223344, %0" : "=r"(v));
	return v;
}

static char image[4 << 20];

static void run(const char *path, size_t n, size_t at, unsigned char value)
{
	char *argv[] = {(char *)path, "child", 0};
	int status, fd = must(open(path, O_RDWR), "open");
	image[at] = value;
	must(pwrite(fd, image, n, 0), "write");
	close(fd);
	pid_t pid = fork();
	if (!pid) {
		execv(path, argv);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	printf("byte %#x: status %d\n", value, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return marked() & 0xff;
	char mark[] = "..KMARK";
	mark[0] = (char)0xf7, mark[1] = 0x3c;
	int fd = must(open("/proc/self/exe", O_RDONLY), "open");
	size_t n = must(read(fd, image, sizeof image), "read"), at = 0;
	for (size_t i = 0; i + 12 < n; i++)
		if (!memcmp(image + i, mark, 7) && (unsigned char)image[i + 8] == 0x44)
			at = i + 8;
	printf("found %d\n", at > 0);
	char path[] = "rewritten-XXXXXX";
	int copy = must(mkstemp(path), "mkstemp");
	fchmod(copy, 0700), close(copy);
	run(path, n, at, 0x44), run(path, n, at, 0x45), run(path, n, at, 0x44), run(path, n, at, 0x45);
	unlink(path);
	return 0;
}
