// The program that the tests of package tracee run. Its first argument says
// what it does. stop() is an int3 that shows the tests two values.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void stop(long a, const volatile void *b) {
	__asm__ volatile("int3" : : "a"(a), "D"(b) : "memory");
}

static volatile sig_atomic_t got_signo, got_code, got_value, handled;

static void handler(int signo, siginfo_t *si, void *uc) {
	(void)uc;
	got_signo = signo;
	got_code = si->si_code;
	got_value = si->si_value.sival_int;
	handled++;
}

static void handle(int signo, int flags) {
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
	sigaction(signo, &sa, NULL);
}

// report prints what a program can know about how it was started.
static int report(int argc, char **argv) {
	extern char **environ;
	for (int i = 0; i < argc; i++) printf("arg %s\n", argv[i]);
	for (char **e = environ; *e; e++) printf("env %s\n", *e);
	for (int i = 0; i < 64; i++) {
		char link[64], target[4096];
		snprintf(link, sizeof link, "/proc/self/fd/%d", i);
		ssize_t n = readlink(link, target, sizeof target - 1);
		if (n >= 0) printf("fd %d %.*s\n", i, (int)n, target);
	}
	char line[4096], cwd[4096];
	FILE *f = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, "Name", 4) || !strncmp(line, "PPid", 4) || !strncmp(line, "Sig", 3) ||
		    !strncmp(line, "Uid", 3) || !strncmp(line, "NoNewPrivs", 10))
			if (strncmp(line, "SigQ", 4)) fputs(line, stdout);
	fclose(f);
	f = fopen("/proc/self/limits", "r");
	while (fgets(line, sizeof line, f)) fputs(line, stdout);
	fclose(f);
	printf("pgrp %d sid %d cwd %s exe ", getpgrp(), getsid(0), getcwd(cwd, sizeof cwd));
	ssize_t n = readlink("/proc/self/exe", cwd, sizeof cwd);
	printf("%.*s\n", (int)n, cwd);
	return 0;
}

// length exits with 0 if the environment is as long as argv[2] says.
static int length(char **argv) {
	extern char **environ;
	size_t total = 0;
	for (char **e = environ; *e; e++) total += strlen(*e);
	return total == strtoul(argv[2], NULL, 10) ? 0 : 1;
}

static int spin(void) {
	stop(1, NULL);
	for (;;) __asm__ volatile("nop");
	return 0;
}

// nap sleeps for argv[2] milliseconds and exits with errno.
static int nap(char **argv) {
	long ms = atol(argv[2]);
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	stop(1, NULL);
	return nanosleep(&ts, NULL) ? errno : 0;
}

// reader reads a byte from a pipe that argv[2] says to restart or not.
static int reader(char **argv) {
	int p[2];
	char c = 0;
	if (pipe(p)) return 99;
	handle(SIGUSR1, atoi(argv[2]) ? SA_RESTART : 0);
	stop(p[1], NULL);
	ssize_t n = read(p[0], &c, 1);
	stop(n < 0 ? -errno : c, NULL);
	return handled * 100 + (got_signo == SIGUSR1 && got_code == SI_QUEUE && got_value == 77);
}

// suspend waits in sigsuspend with SIGUSR1 blocked outside it.
static int suspend(void) {
	sigset_t s, old;
	handle(SIGUSR1, 0);
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s, &old);
	stop(1, NULL);
	sigsuspend(&old);
	sigprocmask(SIG_BLOCK, NULL, &s);
	return handled * 10 + sigismember(&s, SIGUSR1);
}

// traps ignores or blocks SIGTRAP and tells at the end whether that still is so.
static int traps(char **argv) {
	sigset_t s;
	struct sigaction sa;
	if (atoi(argv[2])) {
		signal(SIGTRAP, SIG_IGN);
	} else {
		sigemptyset(&s);
		sigaddset(&s, SIGTRAP);
		sigprocmask(SIG_BLOCK, &s, NULL);
	}
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &s);
	sigaction(SIGTRAP, NULL, &sa);
	return atoi(argv[2]) ? sa.sa_handler != SIG_IGN : !sigismember(&s, SIGTRAP);
}

static int memory(void) {
	char *p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(p, "first");
	strcpy(p + 4096, "hidden");
	mprotect(p + 4096, 4096, PROT_NONE);
	munmap(p + 2 * 4096, 4096);
	stop(1, p);
	return strcmp(p, "FIRST") ? 1 : 0;
}

static volatile long shared_value = 1;

static int forks(void) {
	stop(1, &shared_value);
	return wait(NULL) == -1 && errno == ECHILD ? (int)shared_value : 99;
}

static int files(void) {
	FILE *f = tmpfile();
	fputs("0123456789", f);
	fflush(f);
	lseek(fileno(f), 4, SEEK_SET);
	stop(fileno(f), NULL);
	return (int)lseek(fileno(f), 0, SEEK_CUR);
}

static char data[16 * 4096] __attribute__((aligned(4096)));

static int writes(char **argv) {
	int fd = open(argv[0], O_RDONLY);
	char *p = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *file = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	memset(p, 1, 8 * 4096); // the rest stays unpopulated
	stop(1, p);
	stop(2, file);
	stop(3, data); // tracking starts here
	p[3 * 4096 + 5] = 1;
	if (read(fd, p + 5 * 4096 - 8, 16) != 16) return 98; // two pages
	p[40 * 4096] = 1;
	file[4096] = 1;
	data[9 * 4096] = 1;
	volatile char c = data[2 * 4096] + p[50 * 4096] + p[0]; // reads do not count
	(void)c;
	stop(4, NULL);
	p[60 * 4096] = 1; // after a new start
	char *q = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(file, 2 * 4096);
	stop(5, q);
	p[0] = 2;
	return p[0] == 2 ? 0 : 1;
}

int main(int argc, char **argv) {
	const char *what = argc > 1 ? argv[1] : "";
	if (!strcmp(what, "report")) return report(argc, argv);
	if (!strcmp(what, "length")) return length(argv);
	if (!strcmp(what, "exit")) return atoi(argv[2]);
	if (!strcmp(what, "raise")) return raise(atoi(argv[2]));
	if (!strcmp(what, "spin")) return spin();
	if (!strcmp(what, "nap")) return nap(argv);
	if (!strcmp(what, "reader")) return reader(argv);
	if (!strcmp(what, "suspend")) return suspend();
	if (!strcmp(what, "traps")) return traps(argv);
	if (!strcmp(what, "memory")) return memory();
	if (!strcmp(what, "forks")) return forks();
	if (!strcmp(what, "files")) return files();
	if (!strcmp(what, "writes")) return writes(argv);
	return 100;
}
