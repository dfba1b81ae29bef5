// memfd_create: seals, size, private and shared mappings of it.
#include "prog.h"

int main(void)
{
	int fd = must(memfd_create("thing", MFD_ALLOW_SEALING | MFD_CLOEXEC), "memfd_create");
	result("ftruncate", ftruncate(fd, 3 * PAGE));
	result("pwrite", pwrite(fd, "in the file", 11, PAGE));
	char *priv = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	printf("[%s]\n", priv + PAGE);
	memcpy(priv + PAGE, "in memory", 10);
	char buf[16] = {0};
	pread(fd, buf, 11, PAGE);
	printf("[%s] [%s]\n", priv + PAGE, buf);
	munmap(priv, 3 * PAGE);
	result("F_ADD_SEALS", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	result("F_GET_SEALS", fcntl(fd, F_GET_SEALS));
	result("write sealed", write(fd, "x", 1));
	result("ftruncate sealed", ftruncate(fd, 0));
}
