// rdtsc and rdtscp never go back, and agree with the clock; upper halves are clear.
#include "prog.h"
#include <time.h>
#include <x86intrin.h>

int main(void)
{
	uint64_t last = __rdtsc(), bad = 0, hi = 0, hi2 = 0, rdx;
	unsigned aux, aux2;
	for (int i = 0; i < 50000; i++) {
		uint64_t t = i & 1 ? __rdtscp(&aux) : __rdtsc();
		bad += t < last;
		last = t;
	}
	printf("%ld backwards\n", (long)bad);
	asm volatile("mov $-1, %%rax\n mov $-1, %%rdx\n mov $-1, %%rcx\n rdtscp" : "=a"(hi), "=d"(rdx), "=c"(hi2));
	check(hi >> 32 == 0 && rdx >> 32 == 0 && hi2 >> 32 == 0, "upper halves");
	unsigned cpu, node;
	for (int i = 0; i < 100; i++) {
		__rdtscp(&aux);
		syscall(SYS_getcpu, &cpu, &node, 0);
		__rdtscp(&aux2);
		if (aux == aux2)
			break;
	}
	check((aux & 0xfff) == cpu, "rdtscp names the CPU");
	struct timespec ts = {0, 2000000};
	last = __rdtsc();
	nanosleep(&ts, 0);
	check(__rdtsc() - last > 200000, "goes on during sleep");
}
