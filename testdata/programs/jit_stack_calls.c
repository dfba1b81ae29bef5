// Calls that must not be made twice write to a page of the stack that code was
// executed on just before, as gcc's nested functions have it.
#include "prog.h"
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

struct page {
	char code[64];
	int status;
	uint64_t count;
	struct itimerval was;
	sigset_t mask;
	char text[16];
	siginfo_t info;
} __attribute__((aligned(PAGE)));

static void run(struct page *p, int n)
{
	memcpy(p->code, "\xb8\x07\x00\x00\x00\xc3", 6); // mov eax, 7; ret
	p->code[1] = n;
	printf("code %d\n", ((int (*)(void))p->code)());
}

static void *calls(void *arg)
{
	struct page p = {{0}};
	if (!arg)
		result("executable", mprotect(&p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	run(&p, 1);
	fflush(stdout);
	pid_t pid = fork();
	if (!pid)
		_exit(3);
	check(waitpid(pid, &p.status, 0) == pid, "reaped");
	printf("status %d\n", WEXITSTATUS(p.status));

	int fd = eventfd(5, EFD_NONBLOCK);
	run(&p, 2);
	result("eventfd", read(fd, &p.count, 8));
	printf("count %d\n", (int)p.count);

	int s[2];
	socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
	send(s[0], "datagram", 9, 0);
	run(&p, 3);
	result("datagram", recv(s[1], p.text, sizeof p.text, MSG_DONTWAIT));
	puts(p.text);

	struct itimerval it = {{0}, {1000, 0}}, off = {0};
	setitimer(ITIMER_REAL, &it, 0);
	run(&p, 4);
	result("timer", setitimer(ITIMER_REAL, &off, &p.was));
	check(p.was.it_value.tv_sec >= 990, "the old timer");

	sigset_t usr;
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	run(&p, 5);
	result("mask", pthread_sigmask(SIG_BLOCK, &usr, &p.mask));
	check(!sigismember(&p.mask, SIGUSR1), "the old mask");
	pthread_kill(pthread_self(), SIGUSR1);
	run(&p, 6);
	struct timespec zero = {0};
	result("signal", sigtimedwait(&usr, &p.info, &zero));
	printf("signo %d\n", p.info.si_signo);
	pthread_sigmask(SIG_SETMASK, &p.mask, 0);
	return 0;
}

int main(void)
{
	calls(0);
	const size_t size = 64 * PAGE;
	void *stack = mmap(0, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, size);
	pthread_t t;
	pthread_create(&t, &attr, calls, stack);
	pthread_join(t, 0);
}
