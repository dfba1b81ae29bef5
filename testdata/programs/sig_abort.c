// abort runs its handler, then kills.
#include "prog.h"

static void handler(int sig, siginfo_t *si, void *uc) { write(1, "handler\n", 8); }

int main(void)
{
	handle(SIGABRT, handler, 0);
	abort();
}
