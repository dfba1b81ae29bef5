// Memory that grows to where a recorder would have its own: mremap in place, stacks, and System V segments put there.
#include "prog.h"
#include <setjmp.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <ucontext.h>

#define FAR 0x567000000000ul
#define APART (4ul << 30)
#define RW (PROT_READ | PROT_WRITE)

static sigjmp_buf out;
static volatile int handled;

static void handler(int sig, siginfo_t *si, void *uc)
{
	handled++;
	if (sig == SIGSEGV)
		siglongjmp(out, 1);
}

static void grows(char *at)
{
	char *p = mmap(at - 2 * PAGE, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	check(p == at - 2 * PAGE, "before it");
	p[0] = 1, p[PAGE] = 2;
	check(mremap(p, 2 * PAGE, 1000 * PAGE, 0) == p, "grown in place");
	memset(p + 2 * PAGE, 3, 998 * PAGE);
	printf("%d %d %d\n", p[0], p[PAGE], p[999 * PAGE]);
	check(mremap(p, 1000 * PAGE, 3 * PAGE, 0) == p, "shrunk");
	check(mremap(p, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE) == p, "grown where it may move");
	printf("%d %d\n", p[2 * PAGE], p[3 * PAGE]);
	must(munmap(p, 4 * PAGE), "munmap");
}

static void stack(char *top)
{
	char *p = mmap(top - PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
	check(p == top - PAGE, "a stack");
	long sum = 0;
	int n;
	for (n = 0; n < 1500; n++) {
		p[-n * PAGE] = n;
		if (n % 300 == 0)
			raise(SIGUSR1);
	}
	for (n = 0; n < 1500; n++)
		sum += (unsigned char)p[-n * PAGE];
	printf("%ld\n", sum);
	must(mprotect(p - 1400 * PAGE, PAGE, PROT_READ), "mprotect");
	if (!sigsetjmp(out, 1)) {
		p[-1400 * PAGE] = 1;
		puts("written");
	}
	if (!sigsetjmp(out, 1)) {
		for (n = 0; n < 1 << 20; n++)
			p[-n * PAGE - 1500 * PAGE] = 1;
		puts("no end");
	}
	printf("up to the limit: %d\n", n);
	must(munmap(p - 4000 * PAGE, 4001 * PAGE), "munmap");
}

static ucontext_t own, other;
static int got;

static void below(void)
{
	raise(SIGUSR1);
}

static void kernel_below(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	char *sp = (char *)__builtin_frame_address(0) - 20 * PAGE;
	got += pread(fd, sp, 3, 1) == 3 && !memcmp(sp, "ELF", 3);
	got += syscall(SYS_uname, sp - 400 * PAGE) == 0 && !memcmp(sp - 400 * PAGE, "Linux", 5);
	close(fd);
}

// stacks runs f on stacks of one page, one after the other.
static void stacks(char *at, int step, void (*f)(void))
{
	got = 0;
	for (char *top = at + (11 << 20); top > at; top -= step * PAGE) {
		char *p = mmap(top - PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
		must(getcontext(&other), "getcontext");
		other.uc_stack.ss_sp = p;
		other.uc_stack.ss_size = PAGE;
		other.uc_link = &own;
		makecontext(&other, f, 0);
		swapcontext(&own, &other);
		must(munmap(top - 600 * PAGE, 600 * PAGE), "munmap");
	}
	printf("%d handled, %d calls\n", handled, got);
}

static void attaches(char *at)
{
	int id = must(shmget(IPC_PRIVATE, 3 * PAGE, IPC_CREAT | 0600), "shmget");
	char *p = shmat(id, at, 0), *q = shmat(id, 0, 0);
	check(p == at, "attached");
	strcpy(q + PAGE, "through the other");
	printf("%s\n", p + PAGE);
	check(shmat(id, at + 2 * PAGE, 0) == (void *)-1, "something is there");
	check(shmat(id, at + 2 * PAGE + 5, SHM_REMAP | SHM_RND) == at + 2 * PAGE, "in its place");
	strcpy(q, "the beginning");
	printf("%s, %s\n", p + 2 * PAGE, at + APART == shmat(id, at + APART, SHM_REMAP) ? "again" : strerrorname_np(errno));
	q[PAGE] = 'T';
	printf("%s\n", at + APART + PAGE);
	shmctl(id, IPC_RMID, 0);
}

int main(void)
{
	struct rlimit limit = {8 << 20, 8 << 20};
	must(setrlimit(RLIMIT_STACK, &limit), "setrlimit");
	handle(SIGUSR1, handler, 0);
	handle(SIGSEGV, handler, SA_NODEFER);
	// Its memory may be at each of these places, and move to the next.
	for (int i = 0; i < 12; i++) {
		char *at = (char *)FAR + i % 3 * APART;
		i < 3 ? grows(at) : i < 6 ? stack(at + (11 << 20)) : stacks(at, 32 << i / 9 * 3, i < 9 ? below : kernel_below);
	}
	char *code = (char *)((uintptr_t)main & -(256ul << 20));
	for (int i = 0; i < 12; i++) {
		char *at = code - (256ul << 20) * (5 - i % 3);
		i < 3 ? grows(at) : i < 6 ? stack(at + (258 << 20)) : stacks(at + (250 << 20), 64, i < 9 ? below : kernel_below);
	}
	for (int i = 0; i < 3; i++)
		attaches((char *)FAR + i * 2 * APART);
	printf("%d\n", handled);
	return 0;
}
