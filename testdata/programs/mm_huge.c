// Huge pages: MAP_HUGETLB where there are none, MADV_HUGEPAGE on aligned memory, a 1 GB reservation touched in places.
#include "prog.h"

int main(void)
{
	char *p = mmap(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	check(p != MAP_FAILED || errno == ENOMEM, "MAP_HUGETLB");
	char *room = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p = (char *)(((uintptr_t)room + (2 << 20) - 1) & -(2 << 20));
	must(madvise(p, 4 << 20, MADV_HUGEPAGE), "madvise");
	for (int i = 0; i < 4 << 20; i += 5000)
		p[i] = i;
	must(mprotect(p + 10 * PAGE, PAGE, PROT_READ), "mprotect");
	must(madvise(p + 100 * PAGE, 10 * PAGE, MADV_DONTNEED), "madvise");
	must(munmap(p + 300 * PAGE, 10 * PAGE), "munmap");
	uint64_t h = hash(p, 300 * PAGE) ^ hash(p + 310 * PAGE, 700 * PAGE);
	printf("%016lx\n", h);
	char *big = mmap(0, 1L << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(big != MAP_FAILED, "1 GB");
	madvise(big, 1L << 30, MADV_NOHUGEPAGE);
	long sum = 0;
	for (long i = 0; i < 1L << 30; i += 50 << 20)
		big[i] = i >> 20;
	for (long i = 0; i < 1L << 30; i += 10 << 20)
		sum += (unsigned char)big[i];
	printf("%ld\n", sum);
}
