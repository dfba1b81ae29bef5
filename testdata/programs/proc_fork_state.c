// What a child of fork inherits and what not: signals, timers, locks, memory advice, offsets.
#include "prog.h"
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>

int main(void)
{
	int st, fd = tmpfile_fd("0123456789", 10);
	char buf[4] = {0};
	sigset_t set;
	struct itimerval it = {{0}, {50, 0}};
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, 0);
	kill(getpid(), SIGUSR1);
	setitimer(ITIMER_REAL, &it, 0);
	char *wiped = pages(1, PROT_READ | PROT_WRITE), *absent = pages(1, PROT_READ | PROT_WRITE);
	strcpy(wiped, "secret");
	must(madvise(wiped, PAGE, MADV_WIPEONFORK), "madvise");
	must(madvise(absent, PAGE, MADV_DONTFORK), "madvise");
	struct flock lock = {.l_type = F_WRLCK}, seen;
	must(fcntl(fd, F_SETLK, &lock), "fcntl");
	printf("in the child:\n");
	fflush(stdout);
	if (!must(fork(), "fork")) {
		sigpending(&set);
		printf("pending %d", sigismember(&set, SIGUSR1));
		sigprocmask(SIG_BLOCK, 0, &set);
		printf(" blocked %d\n", sigismember(&set, SIGUSR1));
		getitimer(ITIMER_REAL, &it);
		printf("timer %ld\n", it.it_value.tv_sec);
		printf("wiped [%s]\n", wiped);
		result("absent", mincore(absent, PAGE, (unsigned char *)buf));
		seen = lock;
		fcntl(fd, F_GETLK, &seen);
		printf("lock of the parent %d\n", seen.l_type == F_WRLCK && seen.l_pid == getppid());
		read(fd, buf, 3);
		printf("[%s]\n", buf);
		struct tms t;
		times(&t);
		printf("times of children %ld\n", (long)(t.tms_cutime + t.tms_cstime));
		exit(0);
	}
	wait(&st);
	read(fd, buf, 3);
	printf("offset shared: [%s]\n", buf);
	printf("not wiped here: [%s]\n", wiped);
}
