/* A program without libc, without syscalls but exit, and with a stack of its
   own, so that its whole state is in its registers and in .data and .bss. */

int counter = 42;
int total;
char text[32] = "unset";
static char heap[256];
static unsigned long heap_used;
char stack[16384] __attribute__((aligned(64)));

/* gdb calls malloc to pass a string to a function. */
void *malloc(unsigned long n)
{
	void *p = heap + heap_used;
	heap_used += (n + 15) & ~15ul;
	return p;
}

int length(const char *s)
{
	int n = 0;
	while (s[n])
		n++;
	return n;
}

char *shout(void)
{
	char *p = malloc(8);
	p[0] = 'H'; p[1] = 'E'; p[2] = 'Y'; p[3] = 0;
	return p;
}

int bump(int by)
{
	counter += by;
	return counter;
}

int crash(void)
{
	return *(volatile int *)8;
}

static void store(int i)
{
	total += i;
}

void vectors(void)
{
	asm volatile("vpcmpeqd %%ymm1, %%ymm1, %%ymm1" ::: "xmm1");
}

int run(void)
{
	for (int i = 1; i <= 5; i++)
		store(i);
	text[0] = 'X';
#ifdef HAVE_AVX
	vectors();
#endif
	counter = 7;
	return total;
}

__attribute__((noreturn, used)) void begin(void)
{
	int status = run();
	asm volatile("syscall" :: "a"(231), "D"(status));
	__builtin_unreachable();
}

asm(".globl _start\n_start:\n\tlea stack+16384(%rip), %rsp\n\txor %ebp, %ebp\n\tcall begin\n");
