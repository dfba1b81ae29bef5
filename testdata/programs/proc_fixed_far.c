// MAP_FIXED far from everything, where a recorder would have its own memory: then children, theirs, and other programs.
#include "prog.h"

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define LENGTH (16ul << 20)

static char *take(int i)
{
	char *want = (char *)FAR + i * APART;
	char *p = mmap(want, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (p != want)
		_exit(90);
	p[0] = p[LENGTH - 1] = 'a' + i;
	return p;
}

static int child(int (*f)(void))
{
	int st;
	pid_t pid = must(fork(), "fork");
	if (pid == 0)
		_exit(f());
	waitpid(pid, &st, 0);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -WTERMSIG(st);
}

static char *first;

static int grandchild(void)
{
	return take(2)[0] + first[LENGTH - 1] - 'a';
}

static int moves(void)
{
	char *own = take(1);
	return child(grandchild) + own[0] - 'a' + first[0] - 'a';
}

static int executes(void)
{
	take(1);
	execl("/proc/self/exe", "again", "once", (char *)0);
	return 91;
}

int main(int argc, char **argv)
{
	first = take(0);
	if (argc > 1)
		return first[0] == 'a' ? 7 : 92;
	printf("child that moves more: %d\n", child(moves));
	printf("child that executes: %d\n", child(executes));
	printf("first [%c%c]\n", first[0], first[LENGTH - 1]);
	fflush(stdout);
	return child(executes) == 7 ? 3 : 4;
}
