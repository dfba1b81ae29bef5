// MAP_FIXED far from everything, at addresses where a recorder would have its own memory, and again where it might go.
#include "prog.h"

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define LENGTH (64ul << 20)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static volatile int handled;

static void handler(int sig, siginfo_t *info, void *uc)
{
	handled++;
}

static char *place(int i)
{
	return (char *)FAR + i * APART;
}

static int sum(char *p)
{
	int n = 0;
	for (unsigned long at = 0; at < LENGTH; at += LENGTH / 64)
		n += p[at];
	return n;
}

static void use(const char *what, char *p, char *want)
{
	check(p == want, what);
	if (p != want)
		return;
	for (unsigned long at = 0; at < LENGTH; at += LENGTH / 64)
		p[at] += 1;
	printf("%d\n", sum(p));
	raise(SIGUSR1);
}

int main(void)
{
	handle(SIGUSR1, handler, 0);
	use("fixed", mmap(place(0), LENGTH, RW, ANON | MAP_FIXED, -1, 0), place(0));
	use("no replace", mmap(place(1), LENGTH, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), place(1));
	result("again", (long)mmap(place(1), LENGTH, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	use("hint", mmap(place(2), LENGTH, RW, ANON, -1, 0), place(2));
	char *from = mmap(0, LENGTH, RW, ANON, -1, 0);
	from[0] = 5;
	use("moved", mremap(from, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, place(3)), place(3));
	use("over it", mmap(place(3) + PAGE - LENGTH, LENGTH, RW, ANON | MAP_FIXED, -1, 0), place(3) + PAGE - LENGTH);
	for (int i = 4; i < 8; i++)
		use("next", mmap(place(i), LENGTH, RW, ANON | MAP_FIXED, -1, 0), place(i));
	// All places at once.
	result("unmap", munmap(place(0) - APART, 12 * APART));
	use("all", mmap(place(-1), 10 * APART, RW, ANON | MAP_FIXED, -1, 0), place(-1));
	printf("%d handled, %d\n", handled, sum(place(3)));
}
