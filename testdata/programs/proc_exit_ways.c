// exit, _exit, quick_exit and return from main: which handlers run, which buffers are written.
#include "prog.h"

static void at_exit(void) { write(1, "atexit\n", 7); }
static void on(int st, void *arg) { printf("on_exit %d %s\n", st, (char *)arg); }
static void quick(void) { write(1, "at_quick_exit\n", 14); }
static void __attribute__((destructor)) destroy(void) { write(1, "destructor\n", 11); }

static void run(int way)
{
	int st;
	fflush(stdout);
	if (!must(fork(), "fork")) {
		atexit(at_exit);
		on_exit(on, "data");
		at_quick_exit(quick);
		printf("buffered %d\n", way);
		switch (way) {
		case 0: exit(10);
		case 1: _exit(11);
		case 2: quick_exit(12);
		case 3: _Exit(13);
		case 4: abort();
		case 5: fflush(stdout), kill(getpid(), SIGKILL);
		}
	}
	wait(&st);
	printf("%d: %x\n", way, st & ~0x80);
}

int main(void)
{
	for (int way = 0; way < 6; way++)
		run(way);
}
