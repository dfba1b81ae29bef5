// flags: -mno-red-zone
// String instructions in memory shared with a child: each form, up and down, as it is filled by the other.
#include "prog.h"

enum { LEN = 5 * PAGE };

static unsigned char *shared, *private;

static struct regs { unsigned long cx, si, di, ax, flags; } r;

#define RUN(insn) \
	asm volatile("push %5; popf; " insn "; pushf; pop %4; cld" \
	             : "+c"(r.cx), "+S"(r.si), "+D"(r.di), "+a"(r.ax), "=&r"(r.flags) : "r"(flags) : "memory", "cc")

static void set(unsigned long cx, void *si, void *di, unsigned long ax)
{
	r = (struct regs){cx, (unsigned long)si, (unsigned long)di, ax, 0};
}

// Where a pointer is, whatever the address of its memory.
static unsigned long place(unsigned long p)
{
	return p - (p - (unsigned long)shared < LEN ? (unsigned long)shared : (unsigned long)private);
}

static void show(const char *name)
{
	static unsigned char copy[LEN];
	int from[2];
	must(pipe(from), "pipe"); // the kernel reads it
	for (int i = 0; i < LEN; i += PAGE) {
		must(write(from[1], shared + i, PAGE), "write");
		must(read(from[0], copy + i, PAGE), "read");
	}
	close(from[0]), close(from[1]);
	printf("%-14s cx %-5ld si %-6ld di %-6ld ax %-18lx flags %-4lx %016lx %016lx\n", name, r.cx, place(r.si), place(r.di), r.ax,
	       r.flags & 0xcd5, (unsigned long)hash(copy, LEN), (unsigned long)hash(private, LEN));
}

static void all(unsigned long flags, unsigned char *s, unsigned char *p)
{
	unsigned long n = 100;
	for (int twice = 0; twice < 3; twice++) {
#define FORM(insn, cx, si, di, ax) set(cx, si, di, ax); RUN(insn); show(insn)
		FORM("rep movsb", n, s, p, 0);
		FORM("rep movsb", n, p, s + 8, 0);
		FORM("rep movsq", n, s, p, 0);
		FORM("rep movsl", n, p, s, 0);
		FORM("rep movsw", n, s, s + 1000, 0);
		FORM("movsq", n, s, p, 0);
		FORM("movsb", n, p, s, 0);
		FORM("rep stosb", n, s, s, 0x1122334455667788);
		FORM("rep stosq", n, s, s + 256, 0x1122334455667788);
		FORM("stosl", n, s, s + 512, 0x99aabbccddeeff00);
		FORM("rep lodsb", n, s, p, 0x1122334455667788);
		FORM("rep lodsl", n, s, p, 0x1122334455667788);
		FORM("lodsw", n, s, p, 0x1122334455667788);
		FORM("lodsq", n, s + 256, p, 0);
		FORM("repne scasb", n, s, s, 0x33);
		FORM("repe scasb", n, s, s, 0x88);
		FORM("repne scasb", 1000, s, s, 0x33);
		FORM("scasl", n, s, s, 0x88888888);
		FORM("repe cmpsb", n, s, p, 0);
		FORM("repe cmpsw", 1000, s, p, 0);
		FORM("repne cmpsq", n, p, s, 0);
		FORM("repe cmpsb", 200, s, s + 8, 0);
		FORM("cmpsl", n, s, p, 0);
		FORM("rep movsb", 0, s, p, 5);
		FORM("repe cmpsb", 0, s, p, 5);
		FORM("rep stosw", 0, s, s, 5);
	}
}

int main(void)
{
	shared = mmap(0, LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	private = (void *)pages(LEN / PAGE, PROT_READ | PROT_WRITE);
	volatile int *turn = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = must(fork(), "fork");
	if (child == 0) {
		for (int i = 0; i < LEN; i++)
			shared[i] = i % 127 ? i : 0x33;
		*turn = 1;
		_exit(0);
	}
	while (!*turn)
		usleep(100);
	must(waitpid(child, 0, 0), "waitpid");
	for (int i = 0; i < LEN; i++)
		private[i] = i * 7;
	all(0x202, shared, private);
	all(0x602, shared + 3 * PAGE, private + 3 * PAGE);
	unsigned long flags = 0x202;
	FORM("rep movsb", LEN, shared, private, 0);
	FORM("rep stosb", LEN, shared, shared, 0xabcd);
	FORM("rep movsq", LEN / 8, private, shared, 0);
}
