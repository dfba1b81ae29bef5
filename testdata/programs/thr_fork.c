// fork from a process with threads: the child has one, fork handlers run in order, locks are whole.
#include "thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char order[16];
static volatile int stop, counter;

static void before2(void) { strcat(order, "2"), pthread_mutex_lock(&lock); }
static void before1(void) { strcat(order, "1"); }
static void parent(void) { strcat(order, "p"), pthread_mutex_unlock(&lock); }
static void child(void) { strcat(order, "c"), pthread_mutex_unlock(&lock); }

static void *works(void *arg)
{
	while (!stop) {
		pthread_mutex_lock(&lock);
		counter++;
		counter++;
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

static int tasks(void)
{
	int n = 0;
	char path[64];
	for (int t = getpid(); t < getpid() + 1000; t++) {
		snprintf(path, sizeof path, "/proc/self/task/%d", t);
		n += !access(path, F_OK);
	}
	return n;
}

static void *forks(void *arg)
{
	int st;
	order[0] = 0;
	pid_t pid = must(fork(), "fork");
	if (!pid) {
		int even = counter % 2 == 0, leader = gettid() == getpid();
		pthread_mutex_lock(&lock);
		join(start((void *(*)(void *))tasks, 0));
		for (int i = 0; i < 1000 && tasks() != 1; i++)
			usleep(1000); // the kernel wakes who joins before the thread is gone
		_exit(even + 2 * leader + 4 * (tasks() == 1) + 8 * !strcmp(order, "21c"));
	}
	waitpid(pid, &st, 0);
	printf("%s %d\n", order, WEXITSTATUS(st));
	return 0;
}

int main(void)
{
	pthread_atfork(before1, 0, 0);
	pthread_atfork(before2, parent, child);
	pthread_t t = start(works, 0), u = start(works, 0);
	forks(0);
	join(start(forks, 0));
	stop = 1;
	join(t), join(u);
}
