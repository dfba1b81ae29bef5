// RLIMIT_FSIZE: writes are cut, then SIGXFSZ, handled and fatal.
#include "prog.h"
#include <sys/resource.h>

static volatile int n;
static void handler(int sig, siginfo_t *si, void *uc)
{
	n++;
}

int main(void)
{
	int fd = tmpfile_fd("", 0), st;
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	struct rlimit size = {1000, 1000000};
	must(setrlimit(RLIMIT_FSIZE, &size), "setrlimit");
	handle(SIGXFSZ, handler, 0);
	char buf[600] = {0};
	result("write", write(fd, buf, 600));
	result("cut", write(fd, buf, 600));
	result("none", write(fd, buf, 600));
	printf("handled %d\n", n);
	result("ftruncate", ftruncate(fd, 5000));
	printf("handled %d\n", n);
	if (!must(fork(), "fork")) {
		signal(SIGXFSZ, SIG_DFL);
		write(fd, buf, 600);
		_exit(1);
	}
	wait(&st);
	printf("signal %d\n", WTERMSIG(st) == SIGXFSZ);
}
