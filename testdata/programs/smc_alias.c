// A double mapping: code written through one address, executed at another.
#include "prog.h"

int main(void)
{
	int fd = must(memfd_create("code", 0), "memfd_create"), bad = 0;
	must(ftruncate(fd, PAGE), "ftruncate");
	unsigned char *w = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char *x = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	for (int i = 0; i < 200; i++) {
		unsigned char code[] = {0xb8, 0, 0, 0, 0, 0xc3};
		memcpy(code + 1, &i, 4);
		memcpy(w, code, 6);
		bad += ((int (*)(void))x)() != i;
	}
	printf("%d wrong\n", bad);
}
