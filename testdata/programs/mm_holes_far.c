// Calls on ranges with large holes, where a recorder would have its own memory: what is done before and behind them.
#include "prog.h"

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define RW (PROT_READ | PROT_WRITE)

static char *low, *high;
static size_t whole;

// map puts two pages before the hole and two behind it.
static void map(int kind, int fd)
{
	low = mmap((char *)FAR - 2 * PAGE, 2 * PAGE, RW, kind | MAP_FIXED_NOREPLACE, fd, 0);
	high = mmap((char *)FAR + APART, 2 * PAGE, RW, kind | MAP_FIXED_NOREPLACE, fd, 0);
	check(low == (char *)FAR - 2 * PAGE && high == (char *)FAR + APART, "mapped");
	whole = high + 2 * PAGE - low;
	memset(low, 'l', 2 * PAGE);
	memset(high, 'h', 2 * PAGE);
}

static void show(const char *what, long r)
{
	result(what, r);
	printf("  %s %s ... %s %s\n", access_of(low), access_of(low + PAGE), access_of(high), access_of(high + PAGE));
}

static void protections(void)
{
	show("mprotect", mprotect(low, whole, PROT_READ));
	show("from behind", mprotect(low + PAGE, whole - PAGE, PROT_NONE));
	show("from within", mprotect((char *)FAR, high + PAGE - (char *)FAR, PROT_READ));
	show("from deep within", mprotect((char *)FAR + 17 * PAGE, APART, PROT_READ));
	show("unaligned", mprotect(low + 1, whole, RW));
	show("within, unaligned", mprotect((char *)FAR + 1, PAGE, RW));
	show("bad protection", mprotect((char *)FAR, PAGE, 0x77777));
	show("nothing", mprotect((char *)FAR + PAGE, 0, RW));
	show("back", mprotect(low, 2 * PAGE, RW));
	show("up to it", mprotect(low, 2 * PAGE + 1, PROT_READ));
	show("very far", mprotect(low, 1ul << 62, RW));
}

static void advice(void)
{
	result("madvise", madvise(low + PAGE, high + PAGE - low - PAGE, MADV_DONTNEED));
	printf("  %d %d ... %d %d\n", low[0], low[PAGE], high[0], high[PAGE]);
	result("free from within", madvise((char *)FAR + PAGE, APART, MADV_FREE));
	printf("  %d\n", high[PAGE]);
	result("all within", madvise((char *)FAR, PAGE, MADV_DONTNEED));
	result("unaligned", madvise((char *)FAR + 1, APART, MADV_DONTNEED));
	result("bad advice", madvise((char *)FAR, APART, 12345));
	result("populate", madvise(low, whole, MADV_POPULATE_WRITE));
	result("will need", madvise(low, whole, MADV_WILLNEED));
	printf("  %d %d ... %d %d\n", low[0], low[PAGE], high[0], high[PAGE]);
}

static void cores(void)
{
	static unsigned char v[(1 << 20) + 4];
	memset(v, 0xee, sizeof v);
	result("mincore", mincore(low, whole, v));
	printf("  %x %x %x\n", v[0], v[1], v[2]);
	result("behind", mincore(high, 2 * PAGE, v));
	printf("  %x %x %x\n", v[0], v[1], v[2]);
	result("within", mincore((char *)FAR, PAGE, v));
	result("unaligned", mincore((char *)FAR + 1, PAGE, v));
	memset(v, 0xee, sizeof v);
	char *own = pages(3, RW);
	own[0] = own[2 * PAGE] = 1;
	munmap(own + PAGE, PAGE);
	result("a hole of its own", mincore(own, 3 * PAGE, v));
	printf("  %x %x\n", v[0], v[1]);
}

static void unmapping(void)
{
	result("munmap", munmap(low + PAGE, high + PAGE - low - PAGE));
	printf("  %s %s ... %s %s\n", access_of(low), access_of(low + PAGE), access_of(high), access_of(high + PAGE));
	result("within", munmap((char *)FAR, PAGE));
	result("unaligned", munmap((char *)FAR + 1, PAGE));
	result("the rest", munmap(low, whole));
	printf("  %s %s ... %s %s\n", access_of(low), access_of(low + PAGE), access_of(high), access_of(high + PAGE));
}

int main(void)
{
	map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	protections();
	advice();
	cores();
	unmapping();

	char content[2 * PAGE];
	int fd = tmpfile_fd(content, sizeof content);
	map(MAP_SHARED, fd);
	result("msync", msync(low, whole, MS_SYNC));
	result("async", msync(low, whole, MS_ASYNC));
	result("within", msync((char *)FAR, PAGE, MS_SYNC));
	result("unaligned", msync((char *)FAR + 1, PAGE, MS_SYNC));
	result("bad flags", msync((char *)FAR, PAGE, MS_SYNC | MS_ASYNC));
	pread(fd, content, sizeof content, 0);
	printf("  %c %c\n", content[0], content[PAGE]);
	protections();
	result("seal", syscall(462, low, whole, 0)); // mseal
	result("sealed with bad flags", syscall(462, low, whole, 1));
	unmapping();
	return 0;
}
