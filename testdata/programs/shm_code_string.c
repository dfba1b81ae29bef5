// String instructions in code that lies in shared memory itself, as compilers with two mappings have it.
#include "prog.h"

static const unsigned char code[] = {
	0x48, 0xab,             // stosq
	0x48, 0xab,             // stosq
	0x48, 0x89, 0xd1,       // mov rcx, rdx
	0xf3, 0xa4,             // rep movsb
	0x48, 0x89, 0xf8,       // mov rax, rdi
	0xc3,
};

int main(void)
{
	int fd = must(memfd_create("code", 0), "memfd_create");
	must(ftruncate(fd, PAGE), "ftruncate");
	char *writable = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *executable = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	for (int round = 0; round < 3; round++) {
		memcpy(writable, code, sizeof code);
		if (round == 1)
			writable[8] = (char)0xaa; // rep stosb
		if (round == 2)
			memset(writable + 2, 0x90, 2); // nop
		char to[64] = {0}, from[8] = "string!";
		register char *di __asm__("rdi") = to, *si __asm__("rsi") = from;
		register long dx __asm__("rdx") = 7, ax __asm__("rax") = 0x4142434445464748 + round;
		__asm__ volatile("call *%[f]"
			: "+r"(di), "+r"(si), "+r"(ax) : "r"(dx), [f] "r"(executable) : "rcx", "memory");
		printf("%d %.30s %d\n", round, to, (int)(ax - (long)to));
	}
}
