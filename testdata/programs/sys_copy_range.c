// copy_file_range: offsets given and not, ends of files, overlap, errors.
#include "prog.h"

int main(void)
{
	char text[10000], buf[10001] = {0};
	for (int i = 0; i < sizeof text; i++)
		text[i] = 'a' + i % 23;
	int in = tmpfile_fd(text, sizeof text), out = tmpfile_fd("", 0);
	loff_t from = 100, to = 50;
	result("with offsets", copy_file_range(in, &from, out, &to, 5000, 0));
	printf("%ld %ld\n", (long)from, (long)to);
	result("without", copy_file_range(in, 0, out, 0, 30, 0));
	printf("%ld %ld\n", (long)lseek(in, 0, SEEK_CUR), (long)lseek(out, 0, SEEK_CUR));
	from = 9990;
	result("past the end", copy_file_range(in, &from, out, 0, 500, 0));
	result("at the end", copy_file_range(in, &from, out, 0, 500, 0));
	long n = pread(out, buf, sizeof buf, 0);
	printf("%ld %016lx\n", n, hash(buf, n));
	from = 0, to = 10;
	result("overlap", copy_file_range(in, &from, in, &to, 100, 0));
	result("bad flags", copy_file_range(in, 0, out, 0, 1, 1));
	result("bad descriptor", copy_file_range(in, 0, 99, 0, 1, 0));
	int p[2];
	must(pipe(p), "pipe");
	result("a pipe", copy_file_range(in, 0, p[1], 0, 1, 0));
}
