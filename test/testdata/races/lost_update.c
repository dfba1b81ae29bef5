// Two threads add to a number without a lock. Exits with 1 if an addition is lost.
#include <pthread.h>
#include <stdio.h>

enum { rounds = 300 };
static volatile int number;

static void *add(void *arg)
{
	for (int i = 0; i < rounds; i++) {
		int n = number;
		for (volatile int work = 0; work < 40; work++)
			;
		number = n + 1;
		for (volatile int rest = 0; rest < 4000; rest++)
			;
	}
	return 0;
}

int main(void)
{
	pthread_t t[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], 0, add, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], 0);
	printf("%d of %d\n", number, 2 * rounds);
	return number != 2 * rounds;
}
