// Shared by the conformance programs with threads.
#include "prog.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

// fine ends the program when a pthread function fails.
static inline void fine(int err, const char *what)
{
	if (err) {
		fprintf(stderr, "%s: %s\n", what, strerrorname_np(err));
		exit(99);
	}
}

// start makes a thread; its argument is a number.
static inline pthread_t start(void *(*f)(void *), long arg)
{
	pthread_t t;
	fine(pthread_create(&t, 0, f, (void *)arg), "pthread_create");
	return t;
}

// join waits for a thread and returns its result.
static inline long join(pthread_t t)
{
	void *r;
	fine(pthread_join(t, &r), "pthread_join");
	return (long)r;
}

// crowd runs f with 0 to n-1 in n threads, and returns the sum of their results.
static inline long crowd(int n, void *(*f)(void *))
{
	pthread_t t[n];
	long sum = 0;
	for (int i = 0; i < n; i++)
		t[i] = start(f, i);
	for (int i = 0; i < n; i++)
		sum += join(t[i]);
	return sum;
}

static inline long futex(void *word, int op, int val, const void *timeout, void *word2, int val3)
{
	return syscall(SYS_futex, word, op, val, timeout, word2, val3);
}

// until waits for a word to reach a value, without spinning much.
static inline void until(volatile int *word, int value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < value)
		usleep(200);
}

// state returns the letter of a thread of this process in /proc: S sleeps.
static inline char state(int tid)
{
	char path[64], line[512] = {0};
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	read(fd, line, sizeof line - 1);
	close(fd);
	char *p = strrchr(line, ')');
	return p ? p[2] : 0;
}

// blocked waits until a thread has published its tid there and sleeps.
static inline void blocked(volatile int *tid)
{
	until(tid, 1);
	while (state(*tid) != 'S')
		usleep(200);
}
