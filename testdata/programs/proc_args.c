// Auxiliary vector, arguments and environment lie where the ABI says.
#include "prog.h"
#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

int main(int argc, char **argv, char **envp)
{
	check(argv[argc] == 0 && envp == argv + argc + 1 && environ == envp, "layout");
	char **p = envp;
	while (*p)
		p++;
	int n = 0;
	for (Elf64_auxv_t *a = (void *)(p + 1); a->a_type != AT_NULL; a++)
		n++;
	check(n > 10, "auxiliary vector");
	check(getauxval(AT_PAGESZ) == PAGE, "AT_PAGESZ");
	check(getauxval(AT_UID) == getuid(), "AT_UID");
	check(getauxval(AT_ENTRY) != 0 && getauxval(AT_PHDR) != 0, "AT_ENTRY, AT_PHDR");
	check(!memcmp((void *)getauxval(AT_SYSINFO_EHDR), ELFMAG, SELFMAG), "AT_SYSINFO_EHDR");
	char exe[4096] = {0}, link[4096] = {0};
	must(readlink("/proc/self/exe", link, sizeof link - 1), "readlink");
	check(realpath((char *)getauxval(AT_EXECFN), exe) && !strcmp(exe, link), "AT_EXECFN");
	setenv("PROGRAM_TEST", "value", 1);
	printf("%s\n", getenv("PROGRAM_TEST"));
	FILE *f = fopen("/proc/self/cmdline", "r");
	int c, words = 0;
	while ((c = getc(f)) != EOF)
		words += !c;
	check(words == argc, "/proc/self/cmdline");
	f = fopen("/proc/self/comm", "r");
	char comm[32] = {0};
	fgets(comm, sizeof comm, f);
	printf("%s", comm);
}
