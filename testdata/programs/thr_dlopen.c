// A library with thread-local storage, loaded while threads run: each gets its own.
#include "thread.h"
#include <dlfcn.h>

static void *(*volatile globals)(void);
static void *addresses[4];
static pthread_barrier_t all;

static void *uses(void *arg)
{
	pthread_barrier_wait(&all); // before main loads it
	pthread_barrier_wait(&all);
	long me = (long)arg, same = 0;
	// The exception state of libstdc++ is a thread-local variable.
	addresses[me] = globals();
	pthread_barrier_wait(&all);
	for (int i = 0; i < 4; i++)
		same += i != me && addresses[i] == addresses[me];
	same += globals() != addresses[me];
	pthread_barrier_wait(&all);
	return (void *)same;
}

int main(void)
{
	pthread_t t[4];
	pthread_barrier_init(&all, 0, 5);
	for (int i = 0; i < 4; i++)
		t[i] = start(uses, i);
	pthread_barrier_wait(&all);
	void *lib = dlopen("libstdc++.so.6", RTLD_NOW);
	if (!lib)
		exit(99);
	globals = (void *(*)(void))dlsym(lib, "__cxa_get_globals");
	check(globals != 0, "symbol");
	for (int i = 0; i < 3; i++)
		pthread_barrier_wait(&all);
	long same = 0;
	for (int i = 0; i < 4; i++)
		same += join(t[i]);
	printf("same %ld\n", same);
	result("dlclose", dlclose(lib));
}
