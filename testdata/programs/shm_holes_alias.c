// Ranges with a hole where a recorder would have a second mapping of shared memory: bit 46 of the address differs.
#include "prog.h"

#define AT (char *)0x2a0000000000ul
#define RW (PROT_READ | PROT_WRITE)

static char *low, *high;
static volatile int *shared;

static void use(void)
{
	for (int i = 0; i < 100; i++)
		shared[i % 5 * 1024] += i;
}

static void show(const char *what, long r)
{
	result(what, r);
	use();
	printf("  %s ... %s, %d\n", access_of(low), access_of(high), shared[1024]);
}

// locked says whether a page is, which MADV_DONTNEED minds.
static int locked(char *p)
{
	return madvise(p, PAGE, MADV_DONTNEED) == -1 && errno == EINVAL;
}

int main(void)
{
	size_t n = 5 * PAGE;
	int fd = must(memfd_create("shared", 0), "memfd_create");
	must(ftruncate(fd, n), "ftruncate");
	shared = mmap(AT, n, RW, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	char *hole = (char *)((uintptr_t)AT ^ 1ul << 46);
	check(shared == (void *)AT, "shared");
	use();
	low = mmap(hole - PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	high = mmap(hole + n, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	check(low == hole - PAGE && high == hole + n, "beside it");
	size_t all = high + PAGE - low;
	unsigned char v[8] = {9, 9, 9, 9, 9, 9, 9, 9};
	*low = *high = 1;
	show("mincore", mincore(low, all, v));
	printf("  %d %d\n", v[0], v[1]);
	show("mlock", mlock(low + 5, all - 10));
	printf("  locked %d %d\n", locked(low), locked(high));
	show("mlock2", syscall(SYS_mlock2, hole, all - PAGE, 0));
	printf("  locked %d %d\n", locked(low), locked(high));
	must(mlock(high, PAGE), "mlock");
	show("munlock", munlock(low, all));
	printf("  locked %d %d\n", locked(low), locked(high));
	must(munlock(high, PAGE), "munlock");
	show("msync", msync(low, all, MS_SYNC));
	*low = *high = 1;
	show("madvise", madvise(low, all, MADV_DONTNEED));
	printf("  %d %d\n", *low, *high);
	show("mprotect", mprotect(low, all, PROT_READ));
	show("mprotect within", mprotect(hole + PAGE, all - PAGE, PROT_READ));
	show("munmap", munmap(low, all));
	return 0;
}
