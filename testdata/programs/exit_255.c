// Status 255 from _exit(-1): the buffer is not flushed.
#include "prog.h"

int main(void)
{
	write(1, "written\n", 8);
	fwrite("lost", 1, 4, stdout);
	_exit(-1);
}
