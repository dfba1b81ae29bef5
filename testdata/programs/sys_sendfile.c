// sendfile, copy_file_range and splice with explicit offsets.
#include "prog.h"
#include <sys/sendfile.h>

int main(void)
{
	char text[1000], buf[2000] = {0};
	for (int i = 0; i < 1000; i++)
		text[i] = 'a' + i % 26;
	int in = tmpfile_fd(text, sizeof text), out = tmpfile_fd("", 0), p[2];
	off_t off = 100;
	loff_t a = 5, b = 900;
	result("sendfile", sendfile(out, in, &off, 300));
	printf("offset %ld position %ld\n", (long)off, (long)lseek(in, 0, SEEK_CUR));
	result("sendfile to the end", sendfile(out, in, 0, 5000));
	result("copy_file_range", copy_file_range(in, &a, out, &b, 50, 0));
	printf("offsets %ld %ld\n", (long)a, (long)b);
	must(pipe(p), "pipe");
	a = 10;
	result("splice in", splice(in, &a, p[1], 0, 20, 0));
	b = 0;
	result("splice out", splice(p[0], 0, out, &b, 20, 0));
	printf("offsets %ld %ld\n", (long)a, (long)b);
	long n = pread(out, buf, sizeof buf, 0);
	printf("%ld bytes, hash %016lx\n", n, (long)hash(buf, n));
}
