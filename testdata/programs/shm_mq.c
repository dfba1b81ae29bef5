// POSIX message queues: priorities, attributes, full and empty, a child that answers, notification.
#include "prog.h"
#include <mqueue.h>

static volatile int notified;
static void handler(int sig, siginfo_t *si, void *uc)
{
	notified = si->si_code == SI_MESGQ && si->si_value.sival_int == 9;
}

int main(void)
{
	char name[64], buf[32] = {0};
	unsigned prio;
	int st;
	struct mq_attr at = {.mq_maxmsg = 3, .mq_msgsize = sizeof buf};
	snprintf(name, sizeof name, "/program-%d", getpid());
	mqd_t q = must(mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &at), "mq_open");
	result("empty", mq_receive(q, buf, sizeof buf, &prio));
	for (int i = 0; i < 3; i++)
		result("send", mq_send(q, (char[]){'a' + i}, 1, i == 1 ? 7 : 2));
	result("full", mq_send(q, "d", 1, 0));
	mq_getattr(q, &at);
	printf("messages %ld of %ld\n", at.mq_curmsgs, at.mq_maxmsg);
	for (int i = 0; i < 3; i++) {
		mq_receive(q, buf, sizeof buf, &prio);
		printf("%c %u\n", *buf, prio);
	}
	result("too small", mq_receive(q, buf, 5, &prio));
	handle(SIGUSR1, handler, SA_RESTART);
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 9};
	result("mq_notify", mq_notify(q, &ev));
	pid_t pid = must(fork(), "fork");
	if (!pid)
		_exit(mq_send(q, "child", 5, 1) + 3);
	waitpid(pid, &st, 0);
	while (!notified)
		usleep(100);
	result("receive", mq_receive(q, buf, sizeof buf, &prio));
	printf("[%.5s] status %d\n", buf, WEXITSTATUS(st));
	struct timespec past = {1, 0};
	at.mq_flags = 0;
	mq_setattr(q, &at, 0);
	result("timed", mq_timedreceive(q, buf, sizeof buf, &prio, &past));
	result("mq_unlink", mq_unlink(name));
}
