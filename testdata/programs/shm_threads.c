// Threads that talk through two mappings of the same memory.
#include "thread.h"

static int *a, *b;

static void *player(void *arg)
{
	int me = (long)arg;
	volatile int *mine = me ? a : b;
	for (int i = 0; i < 300; i++) {
		for (int v; (v = mine[0]) % 2 != me;)
			futex((int *)mine, FUTEX_WAIT, v, 0, 0, 0); // shared: the same word at two addresses
		mine[1] += i;
		__atomic_fetch_add(&mine[0], 1, __ATOMIC_SEQ_CST);
		futex((int *)mine, FUTEX_WAKE, 1, 0, 0, 0);
	}
	return 0;
}

int main(void)
{
	int fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, PAGE), "ftruncate");
	a = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	crowd(2, player);
	printf("%d %d\n", a[0], b[1]);
}
