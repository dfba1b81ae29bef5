// SIGSEGV, SIGBUS and SIGTRAP ignored from the start stay so, though code changes and shared memory is used: sigaction and /proc/self/status tell, children inherit it.
#include "prog.h"

static const int sigs[] = {SIGSEGV, SIGBUS, SIGTRAP};

static void look(const char *who)
{
	printf("%s:", who);
	for (int i = 0; i < 3; i++) {
		struct sigaction sa;
		sigaction(sigs[i], 0, &sa);
		printf(" %s", sa.sa_handler == SIG_IGN ? "ignored" : sa.sa_handler == SIG_DFL ? "default" : "handled");
	}
	char line[256];
	unsigned long long mask = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof line, f))
		sscanf(line, "SigIgn: %llx", &mask);
	fclose(f);
	printf(", mask %llx\n", mask & (1 << 10 | 1 << 6 | 1 << 4));
	fflush(stdout);
}

typedef int code(void);

// busy changes code and shares memory: a recorder may fault there.
static void busy(void)
{
	unsigned char *p = (unsigned char *)pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	volatile int *shared = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, must(memfd_create("shared", 0), "memfd"), 0);
	must(ftruncate(3, PAGE), "ftruncate");
	memcpy(p, "\xb8\0\0\0\0\xc3", 6); // mov eax, 0; ret
	for (int i = 0; i < 5; i++) {
		p[1] = i;
		shared[i] = ((code *)p)();
		if (shared[i] != i)
			puts("WRONG");
	}
	munmap(p, PAGE), munmap((void *)shared, PAGE), close(3);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		busy();
	look(argc == 1 ? "first" : argc == 2 ? "second" : "third");
	if (argc == 3) {
		if (!fork()) {
			busy();
			look("child");
			exit(0);
		}
		wait(0);
		return 0;
	}
	for (int i = 0; i < 3 && argc == 1; i++)
		signal(sigs[i], SIG_IGN);
	busy();
	execl("/proc/self/exe", "again", "2", argc == 1 ? (char *)0 : "3", (char *)0);
}
