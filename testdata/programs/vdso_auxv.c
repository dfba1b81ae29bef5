// flags: -O1
// The vDSO found through AT_SYSINFO_EHDR, its symbols looked up and called directly.
#include "prog.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>

static void *lookup(const char *name)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR), *strs = 0;
	Elf64_Ehdr *eh = (void *)base;
	Elf64_Sym *syms = 0;
	Elf64_Shdr *sh = (void *)(base + eh->e_shoff);
	for (int i = 0; i < eh->e_shnum; i++)
		if (sh[i].sh_type == SHT_DYNSYM) {
			syms = (void *)(base + sh[i].sh_offset);
			strs = base + sh[sh[i].sh_link].sh_offset;
			for (unsigned k = 0; k < sh[i].sh_size / sizeof *syms; k++)
				if (!strcmp(strs + syms[k].st_name, name))
					return base + syms[k].st_value;
		}
	return 0;
}

int main(void)
{
	int (*gettime)(clockid_t, struct timespec *) = lookup("__vdso_clock_gettime");
	int (*tod)(struct timeval *, void *) = lookup("__vdso_gettimeofday");
	time_t (*t)(time_t *) = lookup("__vdso_time");
	long (*cpu)(unsigned *, unsigned *, void *) = lookup("__vdso_getcpu");
	int (*res)(clockid_t, struct timespec *) = lookup("__vdso_clock_getres");
	check(gettime && tod && t && cpu, "symbols");
	struct timespec a, b;
	struct timeval tv;
	long bad = 0;
	gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 100000; i++) {
		gettime(CLOCK_MONOTONIC, &b);
		bad += b.tv_sec < a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec < a.tv_nsec);
		a = b;
	}
	printf("%ld backwards\n", bad);
	time_t now = t(0);
	check(tod(&tv, 0) == 0 && tv.tv_sec >= now && tv.tv_sec <= now + 5, "time of day");
	unsigned c = -1, n = -1;
	check(cpu(&c, &n, 0) == 0 && c < 4096, "getcpu");
	if (res)
		check(res(CLOCK_MONOTONIC, &a) == 0 && a.tv_nsec > 0, "getres");
	result("bad clock", gettime(12345, &a) ? 1 : 0);
	check(gettime(CLOCK_PROCESS_CPUTIME_ID, &a) == 0, "a clock that needs the kernel");
}
