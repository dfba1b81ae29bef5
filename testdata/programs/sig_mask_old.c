// rt_sigprocmask with the old mask's place unwritable (the mask is changed all the
// same), on a page of code, in shared memory, and where the new mask is.
#include "prog.h"

static volatile int n;
static void count(int sig, siginfo_t *si, void *uc) { n++; }

static long change(int how, void *set, void *old) { return syscall(SYS_rt_sigprocmask, how, set, old, 8); }

static void now(const char *what)
{
	uint64_t mask = 0;
	change(SIG_BLOCK, 0, &mask);
	printf("%s: %llx\n", what, (unsigned long long)mask);
}

static void *code(int flags)
{
	void *p = mmap(0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, flags | MAP_ANONYMOUS, -1, 0);
	memcpy(p, "\xb8\x07\x00\x00\x00\xc3", 6); // mov eax, 7; ret
	return p;
}

int main(void)
{
	uint64_t usr1 = 1 << (SIGUSR1 - 1), usr2 = 1 << (SIGUSR2 - 1), *old;
	handle(SIGUSR1, count, 0), handle(SIGUSR2, count, 0);
	char *none = pages(1, PROT_READ);
	result("unwritable", change(SIG_BLOCK, &usr1, none));
	now("blocked");
	raise(SIGUSR1);
	printf("handled %d\n", n);
	result("unwritable", change(SIG_UNBLOCK, &usr1, none));
	printf("handled %d\n", n);
	now("not blocked");
	result("unreadable", change(SIG_BLOCK, (void *)8, none));
	result("bad", change(9, &usr1, none));
	now("as before");
	int kinds[] = {MAP_PRIVATE, MAP_SHARED};
	for (int i = 0; i < 2; i++) {
		char *p = code(kinds[i]);
		old = (uint64_t *)(p + 64);
		for (int k = 0; k < 3; k++) {
			printf("code %d\n", ((int (*)(void))p)());
			result("block", change(SIG_SETMASK, k % 2 ? &usr2 : &usr1, old));
			printf("old %llx\n", (unsigned long long)*old);
		}
		uint64_t zero = 0;
		printf("code %d\n", ((int (*)(void))p)());
		result("clear", change(SIG_SETMASK, &zero, old));
		printf("old %llx\n", (unsigned long long)*old);
		*old = usr2;
		result("same place", change(SIG_BLOCK, old, old));
		printf("old %llx\n", (unsigned long long)*old);
		result("clear", change(SIG_SETMASK, &zero, old));
		printf("old %llx\n", (unsigned long long)*old);
	}
}
