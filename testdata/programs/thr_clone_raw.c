// Threads made by clone without libc: own stacks, shared memory, kernel-written tids, cleared and woken at exit.
#include "thread.h"

#define FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)

static char stacks[4][16384] __attribute__((aligned(16)));
static volatile int ptid[4], ctid[4], sum;

// raw starts f(arg) on a new stack, and exits when it returns.
long raw(long flags, void *stack, volatile int *ptid, volatile int *ctid);
asm(".text\n.globl raw\n"
	"raw: mov %rcx, %r10\n"
	"xor %r8d, %r8d\n"
	"mov $56, %eax\n" // clone
	"syscall\n"
	"test %rax, %rax\n"
	"jnz 1f\n"
	"xor %ebp, %ebp\n"
	"pop %rax\n"
	"pop %rdi\n"
	"call *%rax\n"
	"xor %edi, %edi\n"
	"mov $60, %eax\n" // exit
	"syscall\n"
	"1: ret\n");

static void add(long n)
{
	for (int i = 0; i < 1000; i++)
		__atomic_fetch_add(&sum, n, __ATOMIC_RELAXED);
}

int main(void)
{
	for (int i = 0; i < 4; i++) {
		long *sp = (long *)(stacks[i] + sizeof stacks[i]) - 2;
		sp[0] = (long)add, sp[1] = i + 1;
		ctid[i] = 1;
		long tid = raw(FLAGS, sp, &ptid[i], &ctid[i]);
		check(tid > 0 && tid == ptid[i], "tid");
	}
	for (int i = 0; i < 4; i++)
		for (int v; (v = ctid[i]) != 0;)
			futex((int *)&ctid[i], FUTEX_WAIT, v, 0, 0, 0);
	printf("sum %d\n", sum);
	result("a thread without its memory", syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
	result("handlers without memory", syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0));
}
