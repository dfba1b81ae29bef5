// mlockall without privileges: the limit counts the program's own memory only; what is
// mapped later, the heap's growth, the child, munlockall.
#include "prog.h"
#include <sys/resource.h>

static long locked(void)
{
	char line[200];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof line, f))
		sscanf(line, "VmLck: %ld", &kb);
	fclose(f);
	return kb;
}

static int resident(void *p)
{
	unsigned char v = 0;
	mincore(p, PAGE, &v);
	return v & 1;
}

int main(void)
{
	struct rlimit limit;
	char *before = pages(2, PROT_READ | PROT_WRITE);
	getrlimit(RLIMIT_MEMLOCK, &limit);
	limit.rlim_cur = 8 << 20;
	result("limit", setrlimit(RLIMIT_MEMLOCK, &limit));
	if (!geteuid())
		result("setuid", setresuid(65534, 65534, 65534));
	result("current", mlockall(MCL_CURRENT));
	printf("before %d, more than 100 kB %d, all %d\n", resident(before), locked() > 100, locked() > 60000);
	char *after = pages(2, PROT_READ | PROT_WRITE);
	printf("after %d\n", resident(after));
	result("future", mlockall(MCL_CURRENT | MCL_FUTURE));
	char *later = pages(2, PROT_READ | PROT_WRITE);
	printf("after %d, later %d\n", resident(after), resident(later));
	char *heap = sbrk(4 * PAGE);
	printf("heap %d\n", resident((void *)(((uintptr_t)heap + PAGE - 1) & -PAGE)));
	fflush(stdout);
	pid_t pid = fork();
	if (!pid) {
		printf("child's %ld, new %d\n", locked(), resident(pages(1, PROT_READ | PROT_WRITE)));
		exit(0);
	}
	waitpid(pid, 0, 0);
	result("on fault", mlockall(MCL_FUTURE | MCL_ONFAULT));
	printf("new %d\n", resident(pages(1, PROT_READ | PROT_WRITE)));
	result("munlockall", munlockall());
	printf("locked %ld, new %d\n", locked(), resident(pages(1, PROT_READ | PROT_WRITE)));
	result("only on fault", mlockall(MCL_ONFAULT));
	result("bad", mlockall(9));
	limit.rlim_cur = 4 * PAGE;
	result("limit", setrlimit(RLIMIT_MEMLOCK, &limit));
	result("too much", mlockall(MCL_CURRENT));
	limit.rlim_cur = 0;
	result("limit", setrlimit(RLIMIT_MEMLOCK, &limit));
	result("none", mlockall(MCL_CURRENT));
}
