// Two threads take turns through one mutex and one condition variable.
#include "thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn;
static char order[101];

static void *player(void *arg)
{
	int me = (long)arg;
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&lock);
		while (turn % 2 != me)
			pthread_cond_wait(&turned, &lock);
		order[turn++] = 'a' + me;
		pthread_cond_signal(&turned);
		pthread_mutex_unlock(&lock);
	}
	return 0;
}

int main(void)
{
	crowd(2, player);
	puts(order);
}
