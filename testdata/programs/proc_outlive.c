// A child that outlives its parent by a while, and prints last.
#include "prog.h"

int main(void)
{
	pid_t me = getpid();
	puts("parent");
	fflush(stdout);
	if (!must(fork(), "fork")) {
		while (getppid() == me)
			usleep(500);
		usleep(20000);
		puts("child");
		exit(1);
	}
	return 6;
}
