// String instructions that leave shared memory or fault there: what is behind it is private, missing, or behind the file's end.
#include "prog.h"

enum { LEN = 4 * PAGE };

static unsigned char *shared, *private, *hole;
static unsigned char *from, *to;
static int fd;

static void fill(int sig, siginfo_t *si, void *uc)
{
	if (from)
		printf("  signal %d code %d: left %ld source %ld destination %ld\n", sig, si->si_code, (long)REG(uc, RCX),
	       (long)((unsigned char *)REG(uc, RSI) - from), (long)((unsigned char *)REG(uc, RDI) - to));
	if (sig == SIGBUS)
		must(ftruncate(fd, LEN), "ftruncate");
	else
		must(mprotect(hole, PAGE, PROT_READ | PROT_WRITE), "mprotect");
}

// The same instruction each time.
static __attribute__((noinline)) void move(unsigned char *s, unsigned char *d, unsigned long n)
{
	from = s, to = d;
	asm volatile("rep movsb" : "+S"(s), "+D"(d), "+c"(n) : : "memory");
	printf("moved: left %ld source %ld destination %ld\n", n, (long)(s - from), (long)(d - to));
}

static __attribute__((noinline)) void down(unsigned char *s, unsigned char *d, unsigned long n)
{
	from = s, to = d;
	asm volatile("std; rep movsw; cld" : "+S"(s), "+D"(d), "+c"(n) : : "memory", "cc");
	printf("down: left %ld source %ld destination %ld\n", n, (long)(s - from), (long)(d - to));
}

static __attribute__((noinline)) void store(unsigned char *d, unsigned long n)
{
	from = to = d;
	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "S"(d), "a"(7) : "memory");
	printf("stored: left %ld destination %ld\n", n, (long)(d - to));
}

static void show(void)
{
	printf("%016lx %016lx\n", (unsigned long)hash(shared, LEN), (unsigned long)hash(private, LEN));
}

static void forbid(unsigned char *page)
{
	hole = page;
	must(mprotect(page, PAGE, PROT_NONE), "mprotect");
}

int main(void)
{
	handle(SIGSEGV, fill, 0);
	handle(SIGBUS, fill, 0);
	fd = tmpfile_fd("", 0);
	must(ftruncate(fd, LEN), "ftruncate");
	// Shared memory, and private memory before and behind it.
	unsigned char *room = (void *)pages(3 * LEN / PAGE, PROT_READ | PROT_WRITE);
	shared = mmap(room + LEN, LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	private = (void *)pages(2 * LEN / PAGE, PROT_READ | PROT_WRITE);
	for (int i = 0; i < LEN; i++)
		private[i] = i * 7, room[2 * LEN + i] = i * 3;
	for (int i = 0; i < 3; i++) {
		move(private, shared, LEN);
		move(shared, private + 1, LEN - 1);
		down(shared + LEN - 2, private + LEN - 2, LEN / 2);
		store(shared + 100, 1000);
		show();
	}
	puts("over the end");
	move(room + LEN - 100, private, LEN + 200);
	move(private, room + LEN - 100, LEN + 200);
	down(room + 2 * LEN + 99, private + LEN + 299, LEN / 2 + 100);
	store(room + LEN - 10, 20);
	store(room + 2 * LEN - 10, 20);
	show();
	puts("faults of the other");
	forbid(private + PAGE);
	move(shared, private, LEN);
	forbid(private + PAGE);
	move(private, shared, LEN);
	forbid(private + 2 * PAGE);
	down(shared + LEN - 2, private + LEN - 2, LEN / 2);
	forbid(shared + PAGE);
	move(shared, private, LEN);
	forbid(shared + 2 * PAGE);
	store(shared, LEN);
	show();
	puts("behind the end of the file");
	for (int i = 0; i < 2; i++) {
		must(ftruncate(fd, PAGE + 10), "ftruncate");
		move(shared, private, LEN);
		must(ftruncate(fd, PAGE + 10), "ftruncate");
		move(private, shared, LEN);
		must(ftruncate(fd, PAGE + 10), "ftruncate");
		down(shared + LEN - 2, private + LEN - 2, LEN / 2);
		must(ftruncate(fd, PAGE + 10), "ftruncate");
		store(shared, LEN);
		must(ftruncate(fd, PAGE + 10), "ftruncate");
		from = 0;
		shared[2 * PAGE] = i;
		show();
	}
}
