// mprotect that splits and joins mappings: what /proc/self/maps shows of them, and what faults.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf out;
static void handler(int sig, siginfo_t *si, void *uc)
{
	siglongjmp(out, 1);
}

static void show(const char *what, char *p, int n)
{
	char line[300], perms[8];
	printf("%s:", what);
	FILE *f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, f)) {
		unsigned long from, to;
		sscanf(line, "%lx-%lx %7s", &from, &to, perms);
		if (to <= (unsigned long)p || from >= (unsigned long)p + n * PAGE)
			continue;
		long a = ((long)from - (long)p) / PAGE, b = ((long)to - (long)p) / PAGE;
		printf(" %ld-%ld %s", a < 0 ? 0 : a, b > n ? n : b, perms);
	}
	fclose(f);
	printf(" |");
	for (int i = 0; i < n; i++) {
		int r = sigsetjmp(out, 1) ? 0 : (*(volatile char *)(p + i * PAGE), 1);
		int w = sigsetjmp(out, 1) ? 0 : (*(volatile char *)(p + i * PAGE) = 1, 1);
		putchar("-rwB"[r + 2 * w]);
	}
	puts("");
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	char *p = pages(12, PROT_NONE) + PAGE;
	mprotect(p, 10 * PAGE, PROT_READ | PROT_WRITE);
	show("whole", p, 10);
	mprotect(p + 3 * PAGE, 2 * PAGE, PROT_READ);
	show("split", p, 10);
	mprotect(p + 4 * PAGE, 3 * PAGE, PROT_NONE);
	show("overlapping", p, 10);
	munmap(p + 8 * PAGE, PAGE);
	show("hole", p, 10);
	result("across the hole", mprotect(p, 10 * PAGE, PROT_READ | PROT_WRITE));
	show("up to it", p, 10);
	mmap(p + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mprotect(p, 10 * PAGE, PROT_READ | PROT_WRITE);
	show("joined", p, 10);
	result("unaligned", mprotect(p + 1, PAGE, PROT_READ));
	result("nothing", mprotect(p, 0, PROT_NONE));
	result("bad", mprotect(p, PAGE, 0x4000));
}
