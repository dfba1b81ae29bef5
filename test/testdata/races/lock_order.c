// Two threads take two locks in different order, once each. Exits with 1 if they wait
// for each other.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <signal.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

static void work(int n)
{
	for (volatile int i = 0; i < n; i++)
		;
}

static void *transfer(void *back)
{
	work(200000);
	pthread_mutex_lock(back ? &b : &a);
	work(500);
	pthread_mutex_lock(back ? &a : &b);
	work(500);
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return 0;
}

static void stuck(int sig)
{
	static const char text[] = "deadlock\n";
	write(1, text, sizeof text - 1);
	_exit(1);
}

int main(void)
{
	signal(SIGALRM, stuck);
	alarm(2);
	pthread_t t[2];
	pthread_create(&t[0], 0, transfer, 0);
	pthread_create(&t[1], 0, transfer, &a);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], 0);
	puts("done");
}
