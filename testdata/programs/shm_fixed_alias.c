// MAP_FIXED where a recorder would have a second mapping of shared memory: bit 46 of the address differs.
#include "thread.h"
#include <sys/shm.h>

#define AT (char *)0x2a0000000000ul
#define RW (PROT_READ | PROT_WRITE)
#define N (6 * PAGE)

static volatile int *shared, *other;
static volatile int tid;
static size_t shown = N;

static char *away(volatile void *p)
{
	return (char *)((uintptr_t)p ^ 1ul << 46);
}

static void use(const char *what)
{
	for (int i = 0; i < 60; i++)
		shared[i % 6 * 1024 + 1] += i;
	char copy[100];
	memcpy(copy, (char *)shared + PAGE - 50, 100);
	memcpy((char *)shared + 2 * PAGE, copy, 100);
	__atomic_fetch_add(&shared[3], 5, __ATOMIC_SEQ_CST);
	printf("%s: %d %d, %016lx\n", what, shared[1], other[1024 + 1], hash((void *)other, shown));
}

static void show(const char *what, volatile char *p, size_t n)
{
	long sum = 0;
	for (size_t i = 0; i < n; i++)
		sum = sum * 3 + p[i];
	printf("%s: %ld\n", what, sum);
}

static void *waits(void *arg)
{
	tid = gettid();
	long r = futex((int *)&shared[8], FUTEX_WAIT, 0, 0, 0, 0);
	return (void *)(r == 0 ? (long)shared[8] : -1);
}

static void *times_out(void *arg)
{
	struct timespec t = {0, 300000000};
	tid = gettid();
	futex((int *)&shared[9], FUTEX_WAIT, 0, &t, 0, 0);
	return (void *)(long)(errno == ETIMEDOUT);
}

static void *reads(void *arg)
{
	tid = gettid();
	long n = read((long)arg, (char *)shared + 4 * PAGE, 10);
	return (void *)(n + shared[4 * 1024] % 256);
}

static void *mapped(char *at, size_t n)
{
	char *p = mmap(at, n, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(p == at, "mapped");
	memset(p, 7, n);
	return p;
}

static pthread_t begin(void *(*f)(void *), long arg)
{
	tid = 0;
	pthread_t t = start(f, arg);
	blocked(&tid);
	return t;
}

int main(void)
{
	int p[2], fd = must(memfd_create("shared", 0), "memfd_create");
	must(pipe(p), "pipe");
	must(ftruncate(fd, N), "ftruncate");
	other = mmap(0, N, RW, MAP_SHARED, fd, 0);
	shared = mmap(AT, N, RW, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	check(shared == (void *)AT, "shared");
	use("alone");

	char *own = mapped(away(shared), N);
	use("with other memory there");
	show("that", own, N);
	munmap(own, N);
	use("without");

	own = mapped(away(shared) + 2 * PAGE, 9 * PAGE);
	use("half of it");
	show("that", own, 9 * PAGE);
	munmap(own, 9 * PAGE);
	use("without");

	// A hint, and memory that moves there.
	own = mmap(away(shared) - PAGE, 3 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(own == away(shared) - PAGE, "a hint");
	show("that", own, 3 * PAGE);
	use("a hint");
	munmap(own, 3 * PAGE);
	use("without");
	char *from = pages(3, RW);
	memset(from, 5, 3 * PAGE);
	own = mremap(from, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, away(shared));
	use("moved there");
	show("that", own, 3 * PAGE);
	munmap(own, 3 * PAGE);
	use("without");
	own = mapped(away(shared) - PAGE, PAGE);
	check(mremap(own, PAGE, 3 * PAGE, 0) == own, "grown");
	use("grown to there");
	show("that", own, 3 * PAGE);
	munmap(own, 3 * PAGE);
	use("without");
	int id = must(shmget(IPC_PRIVATE, 2 * PAGE, IPC_CREAT | 0600), "shmget");
	own = shmat(id, away(shared) + PAGE, 0);
	check(own == away(shared) + PAGE, "attached");
	memset(own, 9, 2 * PAGE);
	use("a segment");
	show("that", own, 2 * PAGE);
	shmdt(own);
	shmctl(id, IPC_RMID, 0);
	use("without");

	// While threads are in calls.
	pthread_t t = begin(waits, 0);
	own = mapped(away(shared), N);
	other[8] = 11;
	result("wake", futex((int *)&other[8], FUTEX_WAKE, 1, 0, 0, 0));
	result("woken", join(t));
	munmap(own, N);
	use("without");
	t = begin(times_out, 0);
	own = mapped(away(shared), N);
	result("timed out", join(t));
	munmap(own, N);
	use("without");
	t = begin(reads, p[0]);
	own = mapped(away(shared), N);
	write(p[1], "0123456789", 10);
	result("read", join(t));
	show("that", own, N);

	// Shared memory where the other's second mapping would be.
	shown = 100;
	volatile int *again = mmap(away(other), N, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	check((char *)again == away(other), "the same memory");
	for (int i = 0; i < 100; i++)
		again[i] += other[i] + i;
	use("twice");
	int status;
	if (!fork()) {
		char *own = mmap(away(again), N, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		own[0] = 1;
		for (int i = 0; i < 100; i++)
			again[i] += own[0];
		_exit(again[7] % 100);
	}
	wait(&status);
	result("child", WEXITSTATUS(status));
	use("parent");
	return 0;
}
