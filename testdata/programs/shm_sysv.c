// A System V shared memory segment: attached twice, after fork, read-only, at a chosen place.
#include "prog.h"
#include <sys/shm.h>

int main(void)
{
	int id = must(shmget(IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600), "shmget"), st;
	char *a = shmat(id, 0, 0), *b = shmat(id, 0, SHM_RDONLY);
	struct shmid_ds ds;
	strcpy(a + PAGE, "written once");
	printf("[%s]\n", b + PAGE);
	shmctl(id, IPC_STAT, &ds);
	printf("attached %lu size %zu\n", (long)ds.shm_nattch, ds.shm_segsz);
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		strcpy(a + PAGE, "by the child");
		shmctl(id, IPC_STAT, &ds);
		_exit(ds.shm_nattch);
	}
	waitpid(pid, &st, 0);
	printf("[%s] attached in the child %d\n", b + PAGE, WEXITSTATUS(st));
	char *room = pages(5, PROT_NONE);
	munmap(room, 5 * PAGE);
	check(shmat(id, room + PAGE, 0) == room + PAGE, "chosen place");
	printf("[%s]\n", room + 2 * PAGE);
	check(shmat(id, a, 0) == (void *)-1 && errno == EINVAL, "taken place");
	check(shmat(id, a, SHM_REMAP) == a, "remapped");
	result("shmdt", shmdt(b));
	result("shmdt", shmdt(room + PAGE));
	result("not attached", shmdt(room));
	result("IPC_RMID", shmctl(id, IPC_RMID, 0));
	printf("[%s]\n", a + PAGE);
	result("gone", shmdt(a));
	result("gone", shmctl(id, IPC_STAT, &ds));
}
