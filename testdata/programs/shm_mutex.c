// Process-shared mutex, condition variable, barrier and semaphore.
#include "thread.h"

static struct shared {
	pthread_mutex_t lock;
	pthread_cond_t ready;
	pthread_barrier_t barrier;
	sem_t sem;
	long counter;
	int waiting;
} *s;

int main(void)
{
	int st;
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;
	pthread_barrierattr_t ba;
	s = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&ma), pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&ca), pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
	pthread_barrierattr_init(&ba), pthread_barrierattr_setpshared(&ba, PTHREAD_PROCESS_SHARED);
	fine(pthread_mutex_init(&s->lock, &ma), "mutex");
	fine(pthread_cond_init(&s->ready, &ca), "cond");
	fine(pthread_barrier_init(&s->barrier, &ba, 4), "barrier");
	must(sem_init(&s->sem, 1, 0), "sem_init");
	int me = 0;
	for (int i = 1; i < 4; i++)
		if (!must(fork(), "fork")) {
			me = i;
			break;
		}
	for (int i = 0; i < 1000; i++) {
		pthread_mutex_lock(&s->lock);
		s->counter++;
		pthread_mutex_unlock(&s->lock);
	}
	pthread_barrier_wait(&s->barrier);
	int complete = s->counter == 4000;
	pthread_mutex_lock(&s->lock);
	if (++s->waiting == 4)
		pthread_cond_broadcast(&s->ready);
	while (s->waiting < 4)
		pthread_cond_wait(&s->ready, &s->lock);
	pthread_mutex_unlock(&s->lock);
	if (me) {
		sem_post(&s->sem);
		_exit(complete);
	}
	int sum = complete;
	for (int i = 0; i < 3; i++)
		sem_wait(&s->sem), wait(&st), sum += WEXITSTATUS(st);
	printf("counter %ld complete %d\n", s->counter, sum);
}
