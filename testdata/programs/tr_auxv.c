// The auxiliary vector, by getauxval, from /proc/self/auxv and on the stack, agrees with what it describes.
#include "prog.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

int main(int argc, char **argv, char **envp)
{
	Elf64_auxv_t file[64] = {0}, *stack;
	char exe[300] = {0};
	int fd = open("/proc/self/auxv", O_RDONLY), n = 0, same = 0;
	read(fd, file, sizeof file);
	while (*envp)
		envp++;
	stack = (void *)(envp + 1);
	for (; file[n].a_type != AT_NULL; n++)
		same += file[n].a_type == stack[n].a_type && file[n].a_un.a_val == stack[n].a_un.a_val;
	check(n > 10 && same == n, "file and stack");
	extern char _start[], __ehdr_start[];
	check(getauxval(AT_ENTRY) == (uintptr_t)_start, "AT_ENTRY");
	check(getauxval(AT_PHDR) == (uintptr_t)__ehdr_start + ((Elf64_Ehdr *)__ehdr_start)->e_phoff, "AT_PHDR");
	check(getauxval(AT_PHNUM) == ((Elf64_Ehdr *)__ehdr_start)->e_phnum, "AT_PHNUM");
	check(!memcmp((void *)getauxval(AT_SYSINFO_EHDR), "\177ELF", 4), "AT_SYSINFO_EHDR");
	check(!memcmp((void *)getauxval(AT_BASE), "\177ELF", 4), "AT_BASE");
	check(getauxval(AT_PAGESZ) == PAGE && getauxval(AT_CLKTCK) == 100, "AT_PAGESZ, AT_CLKTCK");
	check(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid(), "ids");
	readlink("/proc/self/exe", exe, sizeof exe - 1);
	check(!strcmp((char *)getauxval(AT_EXECFN), argv[0]), "AT_EXECFN");
	printf("%s\n", (char *)getauxval(AT_PLATFORM));
	printf("secure %lu\n", getauxval(AT_SECURE));
}
