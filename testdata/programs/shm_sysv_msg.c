// System V message queues between processes: types, order, truncation, waiting.
#include "prog.h"
#include <sys/msg.h>

struct message {
	long type;
	char text[16];
};

int main(void)
{
	int q = must(msgget(IPC_PRIVATE, 0600), "msgget"), st;
	struct message m = {0};
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		long sum = 0;
		for (int i = 0; i < 6; i++) {
			must(msgrcv(q, &m, sizeof m.text, -9, 0), "msgrcv");
			sum = sum * 2 + m.text[0] - '0';
			m.type = 100 + i;
			must(msgsnd(q, &m, 1, 0), "msgsnd");
		}
		_exit(sum);
	}
	for (int i = 0; i < 6; i++) {
		m.type = 1 + i % 3;
		m.text[0] = '0' + i % 2;
		must(msgsnd(q, &m, 1, 0), "msgsnd");
		result("msgrcv", msgrcv(q, &m, sizeof m.text, 100 + i, 0));
	}
	waitpid(pid, &st, 0);
	printf("status %d\n", WEXITSTATUS(st));
	for (int i = 0; i < 5; i++) {
		m.type = 5 - i;
		sprintf(m.text, "message %d", i);
		msgsnd(q, &m, 9, 0);
	}
	result("too large", msgrcv(q, &m, 4, 5, 0));
	result("MSG_NOERROR", msgrcv(q, &m, 4, 5, MSG_NOERROR));
	result("lowest", msgrcv(q, &m, 16, -3, 0));
	printf("type %ld [%.9s]\n", m.type, m.text);
	result("except", msgrcv(q, &m, 16, 4, MSG_EXCEPT));
	printf("type %ld [%.9s]\n", m.type, m.text);
	result("first", msgrcv(q, &m, 16, 0, 0));
	printf("type %ld [%.9s]\n", m.type, m.text);
	result("none of it", msgrcv(q, &m, 16, 77, IPC_NOWAIT));
	result("bad type", msgsnd(q, &(struct message){-1}, 1, 0));
	result("IPC_RMID", msgctl(q, IPC_RMID, 0));
}
