// Calls that lead to a jump through memory, as those of other libraries do: the pointer changes, is out of reach, lies in shared memory; the jump itself changes.
#include "prog.h"

static unsigned char *code, *data;
static char *base;
static volatile int faults;

// The fault is the jump's: its address, the caller's return address on the stack, and no register changed.
static void handler(int sig, siginfo_t *si, void *uc)
{
	greg_t *r = ((ucontext_t *)uc)->uc_mcontext.gregs;
	printf("signal %d at data+%ld, pc code+%ld, return to code+%ld, rax %llx rcx %llx\n", sig, (long)((char *)si->si_addr - base),
	       (long)(r[REG_RIP] - (long)code), *(long *)r[REG_RSP] - (long)code, r[REG_RAX], r[REG_RCX]);
	mprotect(data, PAGE, PROT_READ | PROT_WRITE);
	faults++;
}

static void put(int at, const char *bytes, int n)
{
	memcpy(code + at, bytes, n);
}

// jump makes the instruction at an offset jump through the pointer at data[slot].
static void jump(int at, int slot)
{
	int32_t d = (data + 8 * slot) - (code + at + 6);
	put(at, "\xff\x25", 2);
	memcpy(code + at + 2, &d, 4);
}

static void branch(int at, int opcode, int to)
{
	int32_t d = to - (at + 5);
	code[at] = opcode;
	memcpy(code + at + 1, &d, 4);
}

static int one(void) { return 1; }
static int two(void) { return 2; }

enum { backward = 0x100, forward = 0x200, tail = 0x300, withEndbr = 0x400, jumpLow = 0x80, jumpHigh = 0x280, jumpEndbr = 0x480 };

static int call(int at)
{
	int sum = 0;
	for (int i = 0; i < 3; i++)
		sum = 10 * sum + ((int (*)(void))(code + at))();
	return sum;
}

static void calls(const char *what)
{
	printf("%s: %d %d %d %d\n", what, call(backward), call(forward), call(tail), call(withEndbr));
}

// caller makes a function that sets two registers, calls, and returns.
static void caller(int at, int to)
{
	put(at, "\x48\xc7\xc0\x11\x11\x11\x11\x48\xc7\xc1\x22\x22\x22\x22\x50", 15); // mov rax; mov rcx; push rax
	branch(at + 15, 0xe8, to);
	put(at + 20, "\x59\xc3", 2); // pop rcx; ret
}

static void run(int flags, int fd)
{
	data = mmap(0, PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);
	code = mmap(data + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	base = (char *)data;
	void **slot = (void **)data;
	jump(jumpLow, 1), jump(jumpHigh, 1), jump(jumpEndbr + 4, 1);
	put(jumpEndbr, "\xf3\x0f\x1e\xfa", 4);
	caller(backward, jumpLow), caller(forward, jumpHigh), caller(withEndbr, jumpEndbr);
	branch(tail, 0xe9, jumpHigh);
	slot[1] = one, slot[2] = two;
	calls("one");
	slot[1] = two;
	calls("two");
	for (int at = backward; at <= withEndbr; at += 0x100) {
		if (at == tail)
			continue; // returns to the C code
		mprotect(data, PAGE, PROT_NONE);
		printf("out of reach: %d\n", call(at));
	}
	jump(jumpLow, 2), jump(jumpHigh, 2), slot[1] = one;
	calls("another slot");
	put(jumpHigh, "\xb8\x03\x00\x00\x00\xc3", 6); // mov eax, 3; ret
	calls("no jump");
	munmap(data, PAGE), munmap(code, 2 * PAGE);
}

int main(void)
{
	handle(SIGSEGV, handler, 0);
	run(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int fd = memfd_create("pointers", 0);
	must(ftruncate(fd, PAGE), "ftruncate");
	run(MAP_SHARED, fd);
	printf("%d faults\n", faults);
}
