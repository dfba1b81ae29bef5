// Status 1 from exit, with something on stderr.
#include "prog.h"

int main(void)
{
	fprintf(stderr, "failed\n");
	printf("out\n");
	exit(1);
}
