// membarrier: registration, expedited barriers while threads run, refused commands.
#include "thread.h"
#include <linux/membarrier.h>

static volatile int stop;

static void *works(void *arg)
{
	for (volatile long n = 0; !stop; n++)
		;
	return 0;
}

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

int main(void)
{
	check((membarrier(MEMBARRIER_CMD_QUERY) & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0, "query");
	result("unregistered", membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
	result("register", membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
	pthread_t t = start(works, 0);
	for (int i = 0; i < 3; i++)
		result("barrier", membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
	result("unknown", membarrier(1 << 30));
	stop = 1;
	join(t);
}
