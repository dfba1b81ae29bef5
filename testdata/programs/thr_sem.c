// POSIX semaphores: a bounded number inside, trywait, timedwait, values.
#include "thread.h"

static sem_t slots;
static int inside, most;

static void *visit(void *arg)
{
	for (int i = 0; i < 200; i++) {
		sem_wait(&slots);
		int n = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
		if (n > 3)
			most = n;
		__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
		sem_post(&slots);
	}
	return (void *)200;
}

int main(void)
{
	int v;
	must(sem_init(&slots, 0, 3), "sem_init");
	printf("visits %ld\n", crowd(8, visit));
	printf("too many: %d\n", most);
	sem_getvalue(&slots, &v);
	printf("value %d\n", v);
	for (int i = 0; i < 4; i++)
		result("sem_trywait", sem_trywait(&slots));
	struct timespec past = {1, 0};
	result("sem_timedwait", sem_timedwait(&slots, &past));
	result("sem_post", sem_post(&slots));
	result("sem_timedwait", sem_timedwait(&slots, &past));
}
