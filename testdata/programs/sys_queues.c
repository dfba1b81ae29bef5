// Message queues, POSIX and System V: types, priorities, messages too long.
#include "prog.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

static void posix(void)
{
	char b[64], name[32];
	unsigned prio = 77;
	struct mq_attr at = {.mq_maxmsg = 4, .mq_msgsize = 32}, got;
	snprintf(name, sizeof name, "/hindsight-%d", getpid());
	mqd_t q = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, &at);
	if (q == -1) {
		result("mq_open", q);
		return;
	}
	mq_unlink(name);
	result("mq_send", mq_send(q, "low", 3, 1));
	result("mq_send", mq_send(q, "high", 4, 9));
	memset(&got, 0x55, sizeof got);
	result("mq_getattr", mq_getattr(q, &got));
	printf("max %ld size %ld now %ld flags %lx\n", got.mq_maxmsg, got.mq_msgsize, got.mq_curmsgs, got.mq_flags);
	memset(b, '.', sizeof b);
	result("mq_receive", mq_receive(q, b, sizeof b, &prio));
	printf("[%.8s] priority %u\n", b, prio);
	result("mq_receive short", mq_receive(q, b, 8, &prio));
	result("mq_receive", mq_receive(q, b, sizeof b, 0));
	printf("[%.8s]\n", b);
	result("mq_receive none", mq_receive(q, b, sizeof b, &prio));
	at.mq_flags = 0;
	result("mq_setattr", mq_setattr(q, &at, &got));
	printf("flags %lx\n", got.mq_flags);
	struct timespec soon;
	clock_gettime(CLOCK_REALTIME, &soon);
	result("mq_timedreceive", mq_timedreceive(q, b, sizeof b, &prio, &soon));
}

int main(void)
{
	struct { long type; char text[24]; } m;
	struct msqid_ds ds;
	posix();
	int q = must(msgget(IPC_PRIVATE, 0600), "msgget");
	for (int i = 1; i <= 3; i++) {
		m.type = i;
		int n = sprintf(m.text, "message %d", i);
		result("msgsnd", msgsnd(q, &m, n, 0));
	}
	memset(&ds, 0x55, sizeof ds);
	result("IPC_STAT", msgctl(q, IPC_STAT, &ds));
	printf("%lu messages, %lu bytes\n", (unsigned long)ds.msg_qnum, (unsigned long)ds.__msg_cbytes);
	memset(&m, '.', sizeof m);
	result("msgrcv by type", msgrcv(q, &m, sizeof m.text, 2, 0));
	printf("type %ld [%.12s]\n", m.type, m.text);
	memset(&m, '.', sizeof m);
	result("msgrcv too long", msgrcv(q, &m, 4, 0, 0));
	result("msgrcv cut", msgrcv(q, &m, 4, 0, MSG_NOERROR));
	printf("type %ld [%.8s]\n", m.type, m.text);
	result("msgrcv no such type", msgrcv(q, &m, sizeof m.text, 9, IPC_NOWAIT));
	struct msginfo info;
	memset(&info, 0x55, sizeof info);
	check(msgctl(q, IPC_INFO, (void *)&info) >= 0, "IPC_INFO");
	printf("%d\n", info.msgmax > 0);
	result("IPC_RMID", msgctl(q, IPC_RMID, 0));
	result("msgrcv removed", msgrcv(q, &m, sizeof m.text, 0, 0));
}
