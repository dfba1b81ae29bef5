// remap_file_pages lets a page of a shared mapping show what another one does.
#include "prog.h"

enum { N = 8 };

// order prints which page each page shows.
static void order(const char *what, char *p)
{
	printf("%s:", what);
	for (int i = 0; i < N; i++)
		printf(" %d", p[i * PAGE]);
	puts("");
}

static void shuffle(char *p)
{
	for (int i = 0; i < N; i++)
		p[i * PAGE] = i;
	for (int i = 0; i < N; i++)
		must(remap_file_pages(p + i * PAGE, PAGE, 0, N - 1 - i, 0), "remap_file_pages");
	order("reversed", p);
	must(remap_file_pages(p, 3 * PAGE, 0, 5, 0), "remap_file_pages");
	order("three at once", p);
	p[0] = 50;
	p[2 * PAGE + 1] = 9;
	order("written", p);
	printf("beside it: %d\n", p[1] + p[5 * PAGE + 1] + p[2 * PAGE + 1]);
	for (int round = 0; round < 50; round++)
		for (int i = 0; i < N; i++)
			p[i * PAGE + 2] += i;
	for (int i = 0; i < N; i++)
		printf(" %d", (unsigned char)p[i * PAGE + 2]);
	puts("");
	must(remap_file_pages(p, N * PAGE, 0, 0, 0), "remap_file_pages");
	order("straight", p);
}

int main(void)
{
	char *p = mmap(0, N * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	shuffle(p);
	static char content[N * PAGE];
	int fd = tmpfile_fd(content, sizeof content);
	char *f = mmap(0, N * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	shuffle(f);
	char b[1];
	must(pread(fd, b, 1, 5 * PAGE), "pread");
	printf("in the file: %d\n", b[0]);
	char *m = pages(2, PROT_READ | PROT_WRITE);
	result("of private memory", remap_file_pages(m, PAGE, 0, 1, 0));
	return 0;
}
