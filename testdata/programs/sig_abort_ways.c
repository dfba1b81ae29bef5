// abort with its signal ignored, blocked, handled and left by a jump.
#include "prog.h"
#include <setjmp.h>
#include <sys/resource.h>

static sigjmp_buf out;
static void returns(int sig, siginfo_t *si, void *uc) { write(1, "handled\n", 8); }
static void jumps(int sig, siginfo_t *si, void *uc) { siglongjmp(out, 1); }

static void try(const char *what, int way)
{
	int st;
	sigset_t set;
	fflush(stdout);
	if (!must(fork(), "fork")) {
		sigemptyset(&set);
		sigaddset(&set, SIGABRT);
		switch (way) {
		case 0: signal(SIGABRT, SIG_IGN); break;
		case 1: sigprocmask(SIG_BLOCK, &set, 0); break;
		case 2: handle(SIGABRT, returns, 0); break;
		case 3: handle(SIGABRT, jumps, 0); break;
		}
		if (!sigsetjmp(out, 1))
			abort();
		_exit(44);
	}
	wait(&st);
	printf("%s: %d %d\n", what, WIFSIGNALED(st), WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
}

int main(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	try("ignored", 0), try("blocked", 1), try("handled", 2), try("jump", 3);
}
