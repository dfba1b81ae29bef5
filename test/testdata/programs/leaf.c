// What the processes of tree.c become.
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	printf("leaf %s\n", argv[1]);
	if (argc > 2 && argv[2][0]) { // goes on as another program
		fflush(stdout);
		execvp(argv[2], argv + 2);
	}
	return 3;
}
