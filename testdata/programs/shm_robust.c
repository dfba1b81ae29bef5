// A process dies with a robust process-shared mutex: the next owner is told.
#include "thread.h"

int main(void)
{
	int st;
	pthread_mutexattr_t at;
	pthread_mutex_t *m = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&at);
	pthread_mutexattr_setpshared(&at, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&at, PTHREAD_MUTEX_ROBUST);
	fine(pthread_mutex_init(m, &at), "mutex");
	for (int way = 0; way < 3; way++) {
		pid_t pid = must(fork(), "fork");
		if (!pid) {
			pthread_mutex_lock(m);
			if (way == 0)
				_exit(0);
			if (way == 1)
				kill(getpid(), SIGKILL);
			execl("/bin/true", "true", (char *)0);
		}
		waitpid(pid, &st, 0);
		printf("lock: %s\n", strerrorname_np(pthread_mutex_lock(m)));
		printf("consistent: %s\n", strerrorname_np(pthread_mutex_consistent(m)));
		pthread_mutex_unlock(m);
	}
}
