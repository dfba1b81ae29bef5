// Death by SIGTERM sent to oneself; output in the buffer is lost.
#include "prog.h"

int main(void)
{
	write(1, "out\n", 4);
	fwrite("lost", 1, 4, stdout);
	kill(getpid(), SIGTERM);
	for (;;)
		pause();
}
