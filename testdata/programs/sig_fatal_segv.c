// Death by SIGSEGV, after some output.
#include "prog.h"

static void write_null(char *p) { *p = 1; }

int main(void)
{
	puts("before");
	fflush(stdout);
	fprintf(stderr, "to stderr\n");
	write_null((char *)(uintptr_t)(getpid() == 0));
	puts("not reached");
}
