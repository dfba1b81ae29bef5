// The old vsyscall page: its calls work, or fault, as the kernel is set up; reading it mostly faults.
#include "prog.h"
#include <setjmp.h>
#include <sys/time.h>
#include <time.h>

static sigjmp_buf env;
static void fault(int sig, siginfo_t *si, void *uc) { siglongjmp(env, 1); }

int main(void)
{
	handle(SIGSEGV, fault, 0);
	time_t (*vtime)(time_t *) = (void *)0xffffffffff600400;
	int (*vgettimeofday)(struct timeval *, void *) = (void *)0xffffffffff600000;
	for (volatile int i = 0; i < 3; i++) {
		if (sigsetjmp(env, 1)) {
			puts("SIGSEGV");
			continue;
		}
		struct timeval tv;
		time_t a = vtime(0);
		check(vgettimeofday(&tv, 0) == 0 && tv.tv_sec - a >= 0 && tv.tv_sec - a < 5, "times agree");
	}
	if (!sigsetjmp(env, 1))
		printf("readable %x\n", *(volatile unsigned char *)vtime);
	else
		puts("not readable");
}
