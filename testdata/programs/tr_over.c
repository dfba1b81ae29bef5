// The addresses around the program's code are free: they can be mapped, asked about and unmapped.
#include "prog.h"
#include <sys/resource.h>

#define STEP (256ul << 20)

static void below(const char *what, unsigned long code, int fixed)
{
	int mapped = 0, told = 0, gone = 0;
	unsigned char vec[1];
	unsigned long top = code & ~(STEP - 1);
	for (unsigned long at = top - STEP; at >= top - 6 * STEP; at -= STEP) {
		void *p = mmap((void *)at, STEP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
		mapped += p == (void *)at;
	}
	for (unsigned long at = top - STEP; at >= top - 6 * STEP; at -= STEP)
		told += mincore((void *)at, PAGE, vec) == 0;
	// Over all of it at once, and once more where nothing is left.
	gone += munmap((void *)(top - 6 * STEP), 6 * STEP) == 0;
	gone += munmap((void *)(top - 6 * STEP), 6 * STEP) == 0;
	for (unsigned long at = top - STEP; at >= top - 6 * STEP; at -= STEP) {
		told += mincore((void *)at, PAGE, vec) == -1 && errno == ENOMEM;
		told += mprotect((void *)at, PAGE, PROT_READ) == -1 && errno == ENOMEM;
		told += madvise((void *)at, PAGE, MADV_DONTNEED) == -1 && errno == ENOMEM;
		told += mlock((void *)at, PAGE) == -1 && errno == ENOMEM;
	}
	printf("%s: %d mapped, %d told, %d gone\n", what, mapped, told, gone);
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		below("program", (unsigned long)main, MAP_FIXED_NOREPLACE);
		below("library", (unsigned long)printf, MAP_FIXED);
	}
	struct rlimit was, now = {1ul << 30, RLIM_INFINITY};
	must(getrlimit(RLIMIT_AS, &was), "getrlimit");
	must(setrlimit(RLIMIT_AS, &now), "setrlimit");
	getrlimit(RLIMIT_AS, &was);
	printf("limit %lu\n", (unsigned long)was.rlim_cur);
	void *p = malloc(600 << 20);
	check(p != 0, "within the limit");
	check(malloc(2000ul << 20) == 0, "beyond the limit");
	pid_t pid = fork();
	if (pid == 0) {
		getrlimit(RLIMIT_AS, &was);
		_exit(was.rlim_cur == now.rlim_cur ? 3 : 4);
	}
	int st;
	waitpid(pid, &st, 0);
	printf("child %d\n", WEXITSTATUS(st));
}
