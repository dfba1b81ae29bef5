// Code in shared memory that goes away: its file is cut, its mapping loses permissions, is removed, replaced.
#include "prog.h"
#include <setjmp.h>

static sigjmp_buf back;
static char *code;

static void handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	printf("signal %d, code %d, at %ld\n", sig, info->si_code, (long)((char *)info->si_addr - code));
	siglongjmp(back, 1);
}

static void try(const char *what)
{
	if (!sigsetjmp(back, 1))
		printf("%s: %d\n", what, ((int (*)(void))code)());
	else
		printf("%s: not\n", what);
}

static void give(int fd, int value)
{
	unsigned char b[] = {0xb8, (unsigned char)value, 0, 0, 0, 0x83, 0xc0, 1, 0xc3}; // mov eax, value; add eax, 1; ret
	must(ftruncate(fd, 2 * PAGE), "ftruncate");
	pwrite(fd, b, sizeof b, 0);
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGBUS, &sa, 0);
	sigaction(SIGSEGV, &sa, 0);
	int fd = must(memfd_create("code", 0), "memfd_create");
	give(fd, 1);
	code = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, fd, 0);
	try("there");
	must(ftruncate(fd, 0), "ftruncate");
	try("cut");
	give(fd, 2);
	try("back");
	mprotect(code, 2 * PAGE, PROT_READ);
	try("not executable");
	mprotect(code, 2 * PAGE, PROT_READ | PROT_EXEC);
	try("executable");
	munmap(code, PAGE);
	try("unmapped");
	int other = must(memfd_create("other", 0), "memfd_create");
	give(other, 3);
	mmap(code, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, other, 0);
	try("another file");
	char *moved = mremap(code, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, code + PAGE);
	code = moved;
	try("moved");
	mmap(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memcpy(code, "\xb8\x07\0\0\0\xc3", 6);
	try("private");
}
