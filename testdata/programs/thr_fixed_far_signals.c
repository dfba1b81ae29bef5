// MAP_FIXED far from everything, while other threads sleep and wait in calls, and signals come all the time.
#include "thread.h"
#include <poll.h>
#include <sys/time.h>

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define LENGTH (16ul << 20)

static volatile int over;
static volatile long signals;
static int fds[2], quiet[2];

static void handler(int sig, siginfo_t *info, void *uc)
{
	signals++;
}

static void *sleeps(void *arg)
{
	long wrong = 0;
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		struct timespec t = {0, 300000}, left = {7, 0};
		struct pollfd p = {quiet[0], POLLIN, 7};
		char c = 0;
		switch ((long)arg) {
		case 0:
			wrong += nanosleep(&t, &left) == -1 && (errno != EINTR || left.tv_sec);
			break;
		case 1:
			wrong += poll(&p, 1, 1) == -1 ? errno != EINTR : p.revents != 0;
			break;
		default:
			wrong += read(fds[0], &c, 1) != 1 || c != 'x';
		}
	}
	return (void *)wrong;
}

int main(void)
{
	handle(SIGALRM, handler, SA_RESTART);
	must(pipe(fds), "pipe");
	must(pipe(quiet), "pipe");
	pthread_t t[3];
	for (int i = 0; i < 3; i++)
		t[i] = start(sleeps, i);
	struct itimerval v = {{0, 700}, {0, 700}};
	setitimer(ITIMER_REAL, &v, 0);
	int right = 0;
	for (int i = 0; i < 60; i++) {
		char *want = (char *)FAR + i * APART;
		char *p = mmap(want, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		right += p == want;
		kill(getpid(), SIGCHLD);
		usleep(500);
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	v = (struct itimerval){0};
	setitimer(ITIMER_REAL, &v, 0);
	must(write(fds[1], "x", 1), "write");
	long wrong = 0;
	for (int i = 0; i < 3; i++)
		wrong += join(t[i]);
	int touched = 0;
	for (int i = 0; i < 60; i++)
		for (unsigned long at = 0; at < LENGTH; at += 512 << 10)
			for (int k = 0; k < 16; k++)
				touched += ((char *)FAR + i * APART)[at + k * 8] != 0;
	check(signals > 0, "signals");
	printf("%d right, %ld wrong, %d touched\n", right, wrong, touched);
}
