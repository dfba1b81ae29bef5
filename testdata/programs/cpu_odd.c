// Odd encodings: address-size and segment prefixes, redundant prefixes, moffs, RIP-relative operands with immediates, long nops.
#include "prog.h"

static __attribute__((used)) uint64_t var = 0x1111111111111111, arr[4] = {1, 2, 3, 4};
static __attribute__((used)) uint32_t word32 = 5;

int main(void)
{
	char *low = mmap((void *)0x20000000, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	must(low == MAP_FAILED ? -1 : 0, "mmap");
	*(uint64_t *)low = 0x77;
	uint64_t r, s;
	asm volatile("mov $0x5500000020000000, %%rbx\n addr32 mov (%%ebx), %0" : "=r"(r) : : "rbx");
	printf("addr32 load %lx\n", (long)r);
	asm volatile("mov $0xffffffff1fffff00, %%rbx\n mov $64, %%esi\n addr32 lea 0(%%ebx,%%esi,4), %0" : "=r"(r) : : "rbx", "rsi");
	printf("addr32 lea %lx\n", (long)r);
	asm volatile("mov $0xff00000020000008, %%rdi\n mov $0xff00000000000003, %%rcx\n mov $0xab, %%al\n addr32 rep stosb\n mov %%rdi, %0\n mov %%rcx, %1" : "=r"(r), "=r"(s) : : "rdi", "rcx", "rax", "memory");
	printf("addr32 stos %lx %lx %x\n", (long)r, (long)s, (unsigned char)low[10]);
	asm volatile("movabs 0x20000000, %%rax\n add $1, %%rax\n movabs %%rax, 0x20000010\n mov 0x20000010, %0" : "=r"(r) : : "rax", "memory");
	printf("moffs %lx\n", (long)r);
	asm volatile("addq $0x1000, var(%%rip)\n cmpl $5, word32(%%rip)\n sete %b0\n movb $0x22, var+3(%%rip)\n shlq $4, var(%%rip)\n movw $0x4444, var+6(%%rip)" : "=a"(r) : "0"(0ul) : "memory", "cc");
	printf("rip-relative %lx %ld\n", (long)var, (long)r);
	asm volatile("imul $7, arr+8(%%rip), %0\n testb $4, arr+24(%%rip)\n setnz %b1" : "=r"(r), "=a"(s) : "1"(0ul) : "cc");
	printf("rip-relative imul %ld test %ld\n", (long)r, (long)s);
	asm volatile(".byte 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0\n .byte 0xf3, 0x90\n .byte 0x66, 0x90\n .byte 0x48, 0x90\n .byte 0x40, 0x48, 0x89, 0xd8\n .byte 0x3e, 0x3e, 0x48, 0x89, 0xc1" : "=c"(r) : "b"(0x123456789a) : "rax");
	printf("prefixes %lx\n", (long)r);
	asm volatile("mov %%fs:0, %0\n mov $0, %%ecx\n mov %%fs:(%%rcx), %1\n" : "=&r"(r), "=&r"(s) : : "rcx");
	check(r == s && r == *(uint64_t *)r, "FS-relative");
	asm volatile("mov $0x1122334455667788, %%rax\n mov %%ah, %%bl\n mov $0x99, %%ah\n movzbl %%bl, %%ecx\n mov %%rax, %0\n mov %%rcx, %1" : "=r"(r), "=r"(s) : : "rax", "rbx", "rcx");
	printf("high bytes %lx %lx\n", (long)r, (long)s);
	asm volatile("mov $-1, %%rax\n xor %%ax, %%ax\n mov %%rax, %0\n mov $5, %%eax\n mov %%rax, %1" : "=r"(r), "=r"(s) : : "rax", "cc");
	printf("partial %lx %lx\n", (long)r, (long)s);
	asm volatile("push %%fs\n pop %0\n mov %%cs, %k1" : "=r"(r), "=r"(s));
	printf("selectors fs %lx cs %lx\n", (long)r, (long)s);
	asm volatile("mov %%rsp, %%rbx\n mov $0x123456789abcdef0, %%rax\n addw $0x4321, %%ax\n pushw %%ax\n pushw $-2\n mov (%%rsp), %k1\n popw %%cx\n popw %%cx\n"
	             "mov %%rax, %0\n sub %%rsp, %%rbx\n add %%rbx, %0" : "=&r"(r), "=&r"(s) : : "rax", "rbx", "rcx", "cc", "memory");
	printf("16-bit %lx %lx\n", (long)r, (long)s);
	asm volatile("push %%rsp\n pop %0\n sub %%rsp, %0\n pushq 0(%%rsp)\n popq %1\n sub %1, %1" : "=&r"(r), "=&r"(s) : : "cc", "memory");
	printf("push rsp %ld\n", (long)r);
	asm volatile("mov %%rsp, %%rbx\n sub $256, %%rsp\n push %%rsp\n pop %%rsp\n push $7\n pop (%%rsp)\n mov (%%rsp), %0\n mov %%rbx, %%rsp" : "=r"(r) : : "rbx", "memory", "cc");
	printf("pop to (rsp) %ld\n", (long)r);
}
