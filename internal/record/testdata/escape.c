// flags: -O2
// usage: escape [ROUNDS]
// A timer's handler leaves by siglongjmp, from wherever it came: out of
// loops, of syscalls, of vDSO calls, of string instructions. What runs
// between must still give the same results.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf env;
static volatile unsigned long hits, spins;

static void handler(int sig)
{
	(void)sig;
	hits++;
	siglongjmp(env, 1);
}

static uint64_t work(void)
{
	uint64_t a = 1, n = 5000;
	asm volatile("1: lea (%0,%0,2), %0\n ror $3, %0\n dec %1\n jnz 1b" : "+r"(a), "+r"(n) : : "cc");
	return a;
}

static void spin(int kind)
{
	static char a[1 << 18], b[1 << 18];
	struct timespec t = {1, 0};
	for (;;) {
		spins++;
		switch (kind) {
		case 0: work(); break;
		case 1: nanosleep(&t, NULL); break;
		case 2: clock_gettime(CLOCK_MONOTONIC, &t); t.tv_sec = 1, t.tv_nsec = 0; break;
		case 3: { void *d = a; const void *s = b; uint64_t n = sizeof a;
			asm volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory"); break; }
		case 4: getppid(); break;
		case 5: pause(); break;
		}
	}
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 300;
	struct sigaction sa = {.sa_handler = handler};
	sigaction(SIGALRM, &sa, NULL);
	uint64_t want = work();
	for (volatile int i = 0; i < rounds; i++) {
		struct itimerval it = {{0, 0}, {0, 150 + i % 17 * 10}};
		if (sigsetjmp(env, 1) == 0) {
			setitimer(ITIMER_REAL, &it, NULL);
			spin(i % 6);
		}
		if (work() != want) {
			printf("wrong: after round %d\n", i);
			return 1;
		}
	}
	printf("%lu escapes, %016lx\n", hits, want);
	fflush(stdout);
	fprintf(stderr, "%lu spins\n", spins);
	return 0;
}
