// flags: -pthread
// Processes that SIGKILL ends hold robust mutexes: several, of several threads, with others waiting, with priority inheritance
#include "thread.h"
#include <stdatomic.h>

enum { LOCKS = 6 };
static struct shared {
	pthread_mutex_t m[LOCKS];
	atomic_int ready, told;
} *s;

static void *holder(void *arg)
{
	pthread_mutex_lock(&s->m[4]);
	pthread_mutex_lock(&s->m[5]);
	s->ready++;
	pause();
	return 0;
}

// hold is a process with all the locks, in two threads, that ends in some way.
static pid_t hold(int way)
{
	pid_t pid = must(fork(), "fork");
	if (pid)
		return pid;
	pthread_t t;
	fine(pthread_create(&t, 0, holder, 0), "create");
	for (int i = 0; i < 4; i++)
		pthread_mutex_lock(&s->m[i]);
	while (s->ready != 1)
		usleep(100);
	s->ready++;
	if (way == 0)
		pause();
	if (way == 1)
		for (volatile int i = 0;; i++)
			;
	if (way == 2)
		raise(SIGSTOP);
	if (way == 3)
		for (;;)
			((volatile int *)s)[PAGE / 4 - 1]++;
	if (way == 4)
		raise(SIGKILL);
	_exit(1);
}

// wait_for is a process that waits for a lock, and tells what it was told.
static pid_t wait_for(int i)
{
	pid_t pid = must(fork(), "fork");
	if (pid)
		return pid;
	int r = pthread_mutex_lock(&s->m[i]);
	s->told += r == EOWNERDEAD;
	if (r == EOWNERDEAD)
		pthread_mutex_consistent(&s->m[i]);
	pthread_mutex_unlock(&s->m[i]);
	_exit(0);
}

int main(void)
{
	pthread_mutexattr_t at;
	s = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, tmpfile_fd(calloc(1, PAGE), PAGE), 0);
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setpshared(&at, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < LOCKS; i++) {
		if (i == 3)
			pthread_mutexattr_setprotocol(&at, PTHREAD_PRIO_INHERIT);
		fine(pthread_mutex_init(&s->m[i], &at), "mutex");
		pthread_mutexattr_setprotocol(&at, PTHREAD_PRIO_NONE);
	}
	for (int way = 0; way < 5; way++) {
		int st;
		s->ready = s->told = 0;
		pid_t h = hold(way);
		while (s->ready != 2)
			usleep(100);
		pid_t w1 = wait_for(0), w2 = wait_for(5);
		usleep(2000);
		if (way < 4)
			kill(h, SIGKILL);
		waitpid(h, &st, 0);
		printf("way %d: signal %d", way, WTERMSIG(st));
		waitpid(w1, 0, 0);
		waitpid(w2, 0, 0);
		printf(", waiters told %d, then", s->told);
		for (int i = 0; i < LOCKS; i++) {
			int r = pthread_mutex_lock(&s->m[i]);
			printf(" %s", r ? strerrorname_np(r) : "free");
			if (r == EOWNERDEAD)
				pthread_mutex_consistent(&s->m[i]);
			pthread_mutex_unlock(&s->m[i]);
		}
		printf("\n");
		fflush(stdout);
	}
}
