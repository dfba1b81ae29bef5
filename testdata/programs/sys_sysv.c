// System V semaphores, message queues and a shared memory segment.
#include "prog.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
	struct {
		long type;
		char text[32];
	} m = {5, "message"}, r = {0};
	int q = must(msgget(IPC_PRIVATE, 0600), "msgget");
	result("msgsnd", msgsnd(q, &m, 8, 0));
	struct msqid_ds ds;
	result("msgctl", msgctl(q, IPC_STAT, &ds));
	printf("messages %lu bytes %lu\n", (long)ds.msg_qnum, (long)ds.__msg_cbytes);
	result("msgrcv", msgrcv(q, &r, sizeof r.text, 0, 0));
	printf("type %ld [%s]\n", r.type, r.text);
	result("msgrcv empty", msgrcv(q, &r, sizeof r.text, 0, IPC_NOWAIT));
	result("msgctl rmid", msgctl(q, IPC_RMID, 0));

	int s = must(semget(IPC_PRIVATE, 2, 0600), "semget");
	struct sembuf up = {0, 3, 0}, down = {0, -1, IPC_NOWAIT}, zero = {0, -5, IPC_NOWAIT};
	result("semop up", semop(s, &up, 1));
	result("semop down", semop(s, &down, 1));
	result("semop too far", semop(s, &zero, 1));
	result("GETVAL", semctl(s, 0, GETVAL));
	result("IPC_RMID", semctl(s, 0, IPC_RMID));

	int id = must(shmget(IPC_PRIVATE, 2 * PAGE, 0600), "shmget");
	char *p = shmat(id, 0, 0);
	must(shmctl(id, IPC_RMID, 0), "shmctl");
	strcpy(p + PAGE, "shared");
	printf("[%s]\n", p + PAGE);
	result("shmdt", shmdt(p));
	result("shmdt again", shmdt(p));
}
