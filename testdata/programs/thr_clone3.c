// clone3 with a thread's flags, a chosen stack and a thread pointer.
#include "thread.h"
#include <linux/sched.h>

static char stack[32768] __attribute__((aligned(16)));
static struct {
	void *self;
	long data[8];
} tcb;
static volatile int ptid, ctid = 1;
volatile long seen[3];

long raw(struct clone_args *a, long size);
asm(".text\n.globl raw\n"
	"raw: mov $435, %eax\n" // clone3
	"syscall\n"
	"test %rax, %rax\n"
	"jnz 1f\n"
	"mov %fs:0, %rax\n"
	"mov %rax, seen(%rip)\n"
	"mov %fs:16, %rax\n"
	"mov %rax, seen+8(%rip)\n"
	"mov %rsp, seen+16(%rip)\n"
	"xor %edi, %edi\n"
	"mov $60, %eax\n"
	"syscall\n"
	"1: ret\n");

int main(void)
{
	tcb.self = &tcb;
	tcb.data[1] = 4711;
	struct clone_args a = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
			CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		.parent_tid = (uintptr_t)&ptid, .child_tid = (uintptr_t)&ctid,
		.stack = (uintptr_t)stack, .stack_size = sizeof stack, .tls = (uintptr_t)&tcb,
	};
	long tid = raw(&a, sizeof a);
	check(tid == ptid && tid > 0, "tid");
	while (ctid)
		futex((int *)&ctid, FUTEX_WAIT, 1, 0, 0, 0);
	check(seen[0] == (long)&tcb, "thread pointer");
	printf("%ld\n", seen[1]);
	check(seen[2] == (long)(stack + sizeof stack), "stack");
	a.exit_signal = SIGCHLD;
	result("a thread with an exit signal", raw(&a, sizeof a));
	result("too small", raw(&a, 8));
}
