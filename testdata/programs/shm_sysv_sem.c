// System V semaphores between processes: waiting, several at once, undo at exit, timeouts.
#include "prog.h"
#include <sys/sem.h>
#include <time.h>

int main(void)
{
	int id = must(semget(IPC_PRIVATE, 3, 0600), "semget"), st;
	union {
		unsigned short *array;
		int val;
	} arg;
	unsigned short values[3] = {1, 0, 0};
	arg.array = values;
	result("SETALL", semctl(id, 0, SETALL, arg));
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		struct sembuf both[] = {{0, -1, 0}, {1, -2, 0}}, undone = {2, 5, SEM_UNDO};
		must(semop(id, both, 2), "semop");
		must(semop(id, &undone, 1), "semop");
		_exit(semctl(id, 2, GETVAL));
	}
	while (semctl(id, 1, GETNCNT) != 1)
		usleep(100);
	printf("all or nothing: %d %d\n", semctl(id, 0, GETVAL), semctl(id, 1, GETVAL));
	result("semop", semop(id, &(struct sembuf){1, 3, 0}, 1));
	waitpid(pid, &st, 0);
	check(semctl(id, 1, GETPID) == pid, "last changed by the child");
	printf("child saw %d\n", WEXITSTATUS(st));
	semctl(id, 0, GETALL, arg);
	printf("left %d %d %d\n", values[0], values[1], values[2]);
	result("semtimedop", semtimedop(id, &(struct sembuf){0, -1, 0}, 1, &(struct timespec){0, 2000000}));
	result("zero", semop(id, &(struct sembuf){0, 0, 0}, 1));
	result("not zero", semop(id, &(struct sembuf){1, 0, IPC_NOWAIT}, 1));
	result("no such semaphore", semop(id, &(struct sembuf){7, 1, 0}, 1));
	pid = must(fork(), "fork");
	if (!pid)
		_exit(semop(id, &(struct sembuf){0, -1, 0}, 1) == -1 && errno == EIDRM);
	while (semctl(id, 0, GETNCNT) != 1)
		usleep(100);
	result("IPC_RMID", semctl(id, 0, IPC_RMID));
	waitpid(pid, &st, 0);
	printf("woken by removal %d\n", WEXITSTATUS(st));
}
