// Children that exec this program again, with pipes as standard streams.
#include "prog.h"

int main(int argc, char **argv)
{
	if (argc > 1) {
		char buf[256];
		long n, sum = 0;
		while ((n = read(0, buf, sizeof buf)) > 0)
			for (int i = 0; i < n; i++)
				sum += buf[i];
		printf("%s: %ld\n", argv[1], sum);
		fprintf(stderr, "%s errs\n", argv[1]);
		return argc;
	}
	for (int i = 0; i < 3; i++) {
		int in[2], out[2], st;
		char name[2] = {'a' + i, 0}, text[100] = {0};
		must(pipe(in), "pipe"), must(pipe(out), "pipe");
		pid_t pid = must(fork(), "fork");
		if (!pid) {
			dup2(in[0], 0), dup2(out[1], 1), dup2(out[1], 2);
			for (int fd = 3; fd < 10; fd++)
				close(fd);
			execl("/proc/self/exe", argv[0], name, "more", (char *)0);
			_exit(99);
		}
		close(in[0]), close(out[1]);
		for (int j = 0; j < 500; j++)
			write(in[1], &(char){j % 100}, 1);
		close(in[1]);
		long n, got = 0;
		while ((n = read(out[0], text + got, sizeof text - 1 - got)) > 0)
			got += n;
		close(out[0]);
		waitpid(pid, &st, 0);
		printf("%sstatus %d\n", text, WEXITSTATUS(st));
	}
}
