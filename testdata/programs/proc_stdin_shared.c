// Parent and children read one file in turn through a shared offset.
#include "prog.h"

int main(void)
{
	char text[60], c[4] = {0};
	for (int i = 0; i < 60; i++)
		text[i] = 'A' + i % 26;
	int fd = tmpfile_fd(text, 60), st;
	for (int i = 0; i < 10; i++) {
		read(fd, c, 3);
		printf("%s\n", c);
		fflush(stdout);
		if (!must(fork(), "fork")) {
			read(fd, c, 3);
			printf("[%s]\n", c);
			exit(0);
		}
		wait(&st);
	}
}
