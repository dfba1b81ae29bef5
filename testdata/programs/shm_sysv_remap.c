// SHM_REMAP attaches a System V segment in place of what was mapped there.
#include "prog.h"
#include <sys/shm.h>

int main(void)
{
	int id = must(shmget(IPC_PRIVATE, 4 * PAGE, IPC_CREAT | 0600), "shmget");
	int other = must(shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600), "shmget");
	char *p = shmat(id, 0, 0), *seen = shmat(id, 0, SHM_RDONLY), *o = shmat(other, 0, 0);
	check(p != (void *)-1 && seen != (void *)-1 && o != (void *)-1, "attached");
	p[0] = 1;
	p[3 * PAGE] = 2;
	o[0] = 3;
	check(shmat(id, p, SHM_RDONLY) == (void *)-1 && errno == EINVAL, "not in place of another without the flag");
	check(shmat(id, p, SHM_REMAP | SHM_RDONLY) == p, "read-only in place of itself");
	printf("%d %d\n", p[0], p[3 * PAGE]);
	check(shmat(id, p, SHM_REMAP) == p, "writable again");
	p[PAGE] = 4;
	printf("%d\n", seen[PAGE]);
	check(shmat(other, p, SHM_REMAP) == p, "another in place of its beginning");
	printf("%d %d\n", p[0], p[3 * PAGE]);
	o[1] = 5;
	printf("%d\n", p[1]);

	char *private = pages(4, PROT_READ | PROT_WRITE);
	memset(private, 7, 4 * PAGE);
	check(shmat(other, private + PAGE, SHM_REMAP) == private + PAGE, "in place of private memory");
	printf("%d %d %d %d\n", private[0], private[PAGE], private[2 * PAGE], private[3 * PAGE]);
	private[2 * PAGE] = 8;
	printf("%d\n", o[PAGE]);
	shmctl(id, IPC_RMID, 0);
	shmctl(other, IPC_RMID, 0);
	return 0;
}
