// set_tid_address moves the word that the kernel clears and wakes when a thread ends.
#include "thread.h"

static volatile int word = 1;

static void *ends(void *arg)
{
	check(syscall(SYS_set_tid_address, &word) == gettid(), "returns the tid");
	// Nobody joins it: glibc would wait for its own word for ever.
	syscall(SYS_exit, 0);
	return 0;
}

int main(void)
{
	start(ends, 0);
	while (word)
		futex((int *)&word, FUTEX_WAIT, 1, 0, 0, 0);
	printf("word %d\n", word);
}
