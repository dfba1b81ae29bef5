// A mapping of a terabyte, nearly all untouched: a fork with it, and a call of unknown effect that writes to it.
#include "prog.h"
#include <sys/sem.h>

enum { sems = 4 };

static void show(const char *what, const unsigned short *p)
{
	printf("%s:", what);
	for (int i = 0; i < sems; i++)
		printf(" %d", p[i]);
	puts("");
}

int main(void)
{
	const size_t size = (size_t)1 << 40;
	char *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(p != MAP_FAILED, "mmap");
	strcpy(p, "start");
	strcpy(p + size / 2 + 100, "middle");
	strcpy(p + size - PAGE, "end");
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (pid == 0) {
		printf("%s %s %s %d\n", p, p + size / 2 + 100, p + size - PAGE, p[size / 4]);
		exit(0);
	}
	must(waitpid(pid, 0, 0), "waitpid");

	int id = must(semget(IPC_PRIVATE, sems, 0600), "semget");
	unsigned short values[sems] = {5, 4, 3, 2};
	must(semctl(id, 0, SETALL, values), "SETALL");
	unsigned short *touched = (void *)(p + size / 2), *fresh = (void *)(p + size / 3 * 2 / PAGE * PAGE);
	must(semctl(id, 0, GETALL, touched), "GETALL");
	must(semctl(id, 0, GETALL, fresh), "GETALL");
	show("touched", touched);
	show("fresh", fresh);
	must(semctl(id, 0, IPC_RMID), "IPC_RMID");
	must(munmap(p, size), "munmap");
}
