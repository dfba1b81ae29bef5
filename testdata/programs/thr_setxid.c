// setuid, setgid and setgroups to what they are: libc has every thread make the call.
#include "thread.h"

static volatile int running, stop;

static void *works(void *arg)
{
	__atomic_fetch_add(&running, 1, __ATOMIC_RELEASE);
	volatile long n = 0;
	while (!stop)
		if ((long)arg % 2)
			n++;
		else
			usleep(1000);
	uid_t r, e, s;
	getresuid(&r, &e, &s);
	return (void *)(long)(r != getuid() || e != geteuid() || s != geteuid());
}

int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		t[i] = start(works, i);
	until(&running, 4);
	result("setuid", setuid(getuid()));
	result("setgid", setgid(getgid()));
	result("setresuid", setresuid(-1, getuid(), -1));
	result("setregid", setregid(-1, getgid()));
	stop = 1;
	long bad = 0;
	for (int i = 0; i < 4; i++)
		bad += join(t[i]);
	printf("bad %ld\n", bad);
}
