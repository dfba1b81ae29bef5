// process_vm_writev and /proc/PID/mem into other processes: one that computes, one
// with threads, one that sleeps in a call, one that writes back, one that is killed.
#include "prog.h"
#include <pthread.h>
#include <sys/uio.h>

static volatile long word, sum;
static char text[64];

static ssize_t put(pid_t pid, volatile void *at, const void *what, size_t n)
{
	struct iovec own = {(void *)what, n}, other = {(void *)at, n};
	return process_vm_writev(pid, &own, 1, &other, 1, 0);
}

static void await(void)
{
	for (volatile long i = 0; !word; i++)
		;
	printf("found %ld [%s]\n", word, text);
	exit(word);
}

static void *idle(void *arg)
{
	for (;;)
		sum++;
}

static pid_t child(void (*f)(void))
{
	fflush(stdout);
	pid_t pid = must(fork(), "fork");
	if (!pid)
		f();
	return pid;
}

static void over(pid_t pid)
{
	int st;
	must(waitpid(pid, &st, 0), "waitpid");
	printf("status %d\n", WIFEXITED(st) ? WEXITSTATUS(st) : -WTERMSIG(st));
}

static void computes(void) { await(); }

static void has_threads(void)
{
	pthread_t t;
	for (int i = 0; i < 2; i++)
		pthread_create(&t, 0, idle, 0);
	await();
}

static int ends[2];

static void sleeps(void)
{
	char c;
	read(ends[0], &c, 1);
	printf("read %c, found %ld\n", c, word);
	exit(word);
}

static void writes_back(void)
{
	for (long i = 1; i <= 200; i++)
		put(getppid(), &sum, &i, sizeof i);
	await();
}

int main(void)
{
	long n = 7;
	void (*busy[])(void) = {computes, has_threads};
	for (int i = 0; i < 2; i++, n++) {
		pid_t pid = child(busy[i]);
		result("text", put(pid, text, "some text", 10));
		result("word", put(pid, &word, &n, sizeof n));
		over(pid);
	}
	must(pipe(ends), "pipe");
	pid_t pid = child(sleeps);
	usleep(20000);
	result("asleep", put(pid, &word, &n, sizeof n));
	write(ends[1], "x", 1);
	over(pid);

	pid = child(computes);
	char path[40];
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int fd = must(open(path, O_RDWR), "open");
	strcpy(text, "by file");
	result("mem", pwrite(fd, text, sizeof text, (off_t)text));
	result("mem", pwrite(fd, &n, sizeof n, (off_t)&word));
	over(pid);
	result("gone", put(pid, &word, &n, sizeof n));

	pid = child(writes_back);
	for (long i = 1; i <= 200; i++)
		put(pid, &sum, &i, sizeof i);
	while (sum != 200)
		;
	put(pid, &word, &n, sizeof n);
	over(pid);

	pid = child(computes);
	for (int i = 0; i < 1000; i++) {
		if (i == 50)
			kill(pid, SIGKILL);
		put(pid, text, "bytes", 6);
	}
	over(pid);
}
