// A stopped process with threads is killed; so is one that has only just been told to stop.
#include "stop.h"

int main(void)
{
	for (int n = 0; n < 4; n++) {
		pid_t pid = child(counting);
		for (int i = 0; i < 3; i++)
			await(i, 2);
		if (n < 2)
			printf("stopped %d\n", stop(pid) == SIGSTOP);
		else
			kill(pid, SIGSTOP);
		printf("killed %d\n", killed(pid));
	}
}
