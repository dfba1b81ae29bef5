// Status 0, with atexit handlers in reverse order and the buffer flushed.
#include "prog.h"

static void first(void) { printf("first registered\n"); }
static void second(void) { printf("second registered\n"); }

int main(void)
{
	atexit(first);
	atexit(second);
	printf("main, ");
	return 0;
}
