// Threads change each other's code through /proc/thread-self/mem, while it runs, and through a descriptor that they share.
// A thread that has opened it ends; the descriptor stays good.
#include "thread.h"

typedef long (*function)(long);

static unsigned char *code;
static int shared, rounds[4];
static volatile int stop;

// constant writes lea v(%rdi), %rax; ret as one word.
static uint64_t constant(int v)
{
	unsigned char b[8] = {0x48, 0x8d, 0x87, 0, 0, 0, 0, 0xc3};
	memcpy(b + 3, &v, 4);
	uint64_t w;
	memcpy(&w, b, 8);
	return w;
}

static void *writer(void *arg)
{
	long me = (long)arg, sum = 0;
	int fd = must(open("/proc/thread-self/mem", O_RDWR), "open");
	unsigned char *mine = code + me * PAGE;
	for (int i = 0; i < 200; i++) {
		uint64_t w = constant(i * 10 + me);
		must(pwrite(i % 2 ? fd : shared, &w, 8, (long)mine), "pwrite");
		sum += ((function)mine)(1);
		__atomic_store_n(&rounds[me], i + 1, __ATOMIC_RELEASE);
	}
	if (me == 0)
		shared = fd; // and stays open
	else
		close(fd);
	return (void *)sum;
}

static void *runner(void *arg)
{
	long bad = 0;
	while (!stop)
		for (int i = 0; i < 4; i++) {
			int before = __atomic_load_n(&rounds[i], __ATOMIC_ACQUIRE);
			long v = ((function)(code + i * PAGE))(0);
			bad += before > 0 && (v % 10 != i || v / 10 < before - 1);
		}
	return (void *)bad;
}

int main(void)
{
	code = (void *)pages(4, PROT_READ | PROT_EXEC);
	shared = must(open("/proc/self/mem", O_RDWR), "open");
	for (int i = 0; i < 4; i++) {
		uint64_t w = constant(i);
		must(pwrite(shared, &w, 8, (long)code + i * PAGE), "pwrite");
	}
	pthread_t r = start(runner, 0);
	printf("%ld\n", crowd(4, writer));
	stop = 1;
	printf("bad %ld\n", join(r));
	uint64_t w = constant(4242);
	result("a dead thread's", pwrite(shared, &w, 8, (long)code));
	printf("%ld\n", ((function)code)(0));
}
