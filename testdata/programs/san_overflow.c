// flags: -fsanitize=address -g
// AddressSanitizer: an overflow is reported, by the help of a child, and ends the program.
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	(void)argv;
	// The report has addresses in it.
	__sanitizer_set_report_fd((void *)(long)open("/dev/null", O_WRONLY));
	char *p = malloc(16);
	memset(p, 0, 16);
	puts("before");
	fflush(stdout);
	p[15 + argc] = 1;
	puts("after");
	free(p);
}
