// Advice on memory through process_madvise, with madvise where that is
// refused; and what else of prctl and syslog only a newer kernel says.
#include "prog.h"
#include <linux/prctl.h>
#include <sys/klog.h>
#include <sys/prctl.h>
#include <sys/uio.h>

int main(void)
{
	char *p = pages(4, PROT_READ | PROT_WRITE);
	memset(p, 'p', 4 * PAGE);
	int self = must(syscall(SYS_pidfd_open, getpid(), 0), "pidfd_open");
	struct iovec v = {p, 2 * PAGE};
	result("MADV_WILLNEED", syscall(SYS_process_madvise, self, &v, 1, MADV_WILLNEED, 0));
	if (syscall(SYS_process_madvise, self, &v, 1, MADV_DONTNEED, 0) == -1)
		must(madvise(p, 2 * PAGE, MADV_DONTNEED), "madvise");
	printf("%x %x\n", p[0], p[2 * PAGE]);
	result("unknown advice", syscall(SYS_process_madvise, self, &v, 1, 999, 0) == 0);

	unsigned size[2] = {0x55555555, 0x55555555};
	result("PR_SET_MM_MAP_SIZE", prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, size, 0, 0) ? errno == EINVAL : size[0] == 104);
	printf("beyond %x\n", size[1]);
	uint64_t aux[64];
	memset(aux, 0x55, sizeof aux);
	long n = prctl(0x41555856, aux, sizeof aux, 0, 0); // PR_GET_AUXV
	check(n == -1 || (n > 0 && aux[0] != 0x5555555555555555), "PR_GET_AUXV");
	int i = 77;
	result("PR_GET_TSC", prctl(PR_GET_TSC, &i));
	printf("%d\n", i);
	result("PR_GET_UNALIGN", prctl(PR_GET_UNALIGN, &i));
	result("PR_GET_ENDIAN", prctl(PR_GET_ENDIAN, &i));
	result("PR_SVE_GET_VL", prctl(PR_SVE_GET_VL));
	result("PR_GET_TID_ADDRESS", prctl(PR_GET_TID_ADDRESS, aux) == 0);
	result("unknown prctl", prctl(12345, p, p, p, p));

	// Types that return a number do not look at the buffer.
	check(klogctl(10, (void *)8, 0x7fffffff) > 0 || errno == EPERM, "SYSLOG_ACTION_SIZE_BUFFER");
	result("unknown syslog type", klogctl(99, (void *)8, 64));
	result("syslog, negative length", klogctl(3, p, -1));
}
