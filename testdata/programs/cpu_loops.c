// loop, loope, loopne, jrcxz, jecxz, enter, leave, xlat and ret imm16.
#include "prog.h"

extern long popper(void);
asm("popper:\n push $1\n push $2\n push $3\n call 1f\n ret\n1: mov 8(%rsp), %rax\n shl $8, %rax\n add 16(%rsp), %rax\n ret $24\n");

int main(void)
{
	long n, c, r;
	asm volatile("xor %0, %0\n mov $1000, %%ecx\n1: add %%rcx, %0\n loop 1b" : "=r"(n), "=c"(c) : : "cc");
	printf("loop %ld %ld\n", n, c);
	asm volatile("xor %0, %0\n mov $10, %%ecx\n1: inc %0\n cmp $4, %0\n loopne 1b" : "=r"(n), "=c"(c) : : "cc");
	printf("loopne %ld %ld\n", n, c);
	asm volatile("xor %0, %0\n mov $10, %%ecx\n1: inc %0\n test $0, %%al\n loope 1b" : "=r"(n), "=c"(c) : : "cc");
	printf("loope %ld %ld\n", n, c);
	asm volatile("mov $0x100000000, %%rcx\n xor %0, %0\n jrcxz 1f\n add $1, %0\n1: jecxz 2f\n add $2, %0\n2:" : "=&r"(n) : : "rcx", "cc");
	printf("jrcxz jecxz %ld\n", n);
	asm volatile("mov $0x100000002, %%rcx\n xor %0, %0\n1: inc %0\n addr32 loop 1b" : "=&r"(n), "=c"(c) : : "cc");
	printf("addr32 loop %ld %lx\n", n, c);
	asm volatile("mov %%rsp, %%rdx\n mov %%rbp, %%rcx\n sub $256, %%rsp\n enter $32, $0\n mov %%rbp, %%rax\n sub %%rsp, %%rax\n leave\n add $256, %%rsp\n"
	             "sub %%rsp, %%rdx\n sub %%rbp, %%rcx\n add %%rdx, %%rax\n add %%rcx, %%rax" : "=a"(r) : : "rcx", "rdx", "cc", "memory");
	printf("enter 0 %ld\n", r);
	asm volatile("sub $256, %%rsp\n push %%rbp\n mov %%rsp, %%rbp\n push $0x77\n push $0x66\n lea 0(%%rbp), %%rbp\n enter $16, $3\n"
	             "mov %%rbp, %%rax\n sub %%rsp, %%rax\n mov -24(%%rbp), %%rcx\n sub %%rbp, %%rcx\n leave\n add $16, %%rsp\n pop %%rbp\n add $256, %%rsp\n add %%rcx, %%rax"
	             : "=a"(r) : : "rcx", "cc", "memory");
	printf("enter 3 %ld\n", r);
	char table[256];
	for (int i = 0; i < 256; i++)
		table[i] = 255 - i;
	asm volatile("xlatb" : "=a"(r) : "b"(table), "0"(0x1234500 + 200));
	printf("xlat %lx\n", r);
	asm volatile("call popper" : "=a"(r) : : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
	printf("ret imm16 %lx\n", r);
}
