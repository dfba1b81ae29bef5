// Code in shared memory that is patched again and again: by its own process through another mapping, before
// and behind the place where it runs, by another thread, by a child, and by a write to the file.
#include "thread.h"

static unsigned char *writable;
static int (*run)(int);
static volatile int turn;

// add eax, imm32 four times, with a call of stop after the second
static void emit(int value)
{
	unsigned char *p = writable;
	*p++ = 0x53;                                 // push rbx
	*p++ = 0x89, *p++ = 0xfb;                    // mov ebx, edi
	for (int i = 0; i < 4; i++) {
		*p++ = 0x81, *p++ = 0xc3;            // add ebx, value
		memcpy(p, &value, 4);
		p += 4;
		if (i == 1) {
			*p++ = 0xff, *p++ = 0x15;    // call [rip+...]
			int d = (int)(writable + 256 - (p + 4));
			memcpy(p, &d, 4);
			p += 4;
		}
	}
	*p++ = 0x89, *p++ = 0xd8;                    // mov eax, ebx
	*p++ = 0x5b, *p++ = 0xc3;                    // pop rbx; ret
}

static void target(void (*f)(void)) { memcpy(writable + 256, &f, sizeof f); }

static void nothing(void) {}

static void patch(void)
{
	writable[5] = 100;  // the first, which was executed
	writable[23] = 100; // the third, which comes next
}

static void wait_for_patch(void)
{
	turn = 1;
	until(&turn, 2);
}

static void *patcher(void *arg)
{
	until(&turn, 1);
	patch();
	turn = 2;
	return arg;
}

int main(void)
{
	int fd = must(memfd_create("code", 0), "memfd_create");
	must(ftruncate(fd, PAGE), "ftruncate");
	writable = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	run = mmap(0, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	target(nothing);
	long sum = 0;
	for (int i = 0; i < 200; i++) {
		emit(i);
		sum += run(i);
	}
	printf("own: %ld\n", sum);

	target(patch);
	emit(1);
	printf("on the way: %d %d\n", run(0), run(0));

	target(wait_for_patch);
	emit(1);
	pthread_t t = start(patcher, 0);
	printf("by a thread: %d\n", run(0));
	join(t);

	target(nothing);
	for (int i = 0; i < 3; i++) {
		emit(1);
		int before = run(0);
		pid_t child = must(fork(), "fork");
		if (!child) {
			patch();
			_exit(run(0) & 0xff);
		}
		int status;
		waitpid(child, &status, 0);
		printf("by a child: %d %d %d\n", before, WEXITSTATUS(status), run(0));
	}

	emit(2);
	int before = run(0);
	unsigned char byte = 50;
	pwrite(fd, &byte, 1, 5);
	printf("by a write: %d %d\n", before, run(0));

	// other code altogether, where flags live on into it
	static const unsigned char carry[] = {0x83, 0xff, 0x05, 0x19, 0xc0, 0xc3}; // cmp edi, 5; sbb eax, eax; ret
	memcpy(writable, carry, sizeof carry);
	printf("flags: %d %d\n", run(4), run(5));
}
