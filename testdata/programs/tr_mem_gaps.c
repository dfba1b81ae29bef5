// Between the mappings that /proc/self/maps shows there is nothing that /proc/self/mem could read or write.
#include "prog.h"

static int fd, bad, tried;

static void nothing_at(unsigned long at)
{
	char c = 0;
	tried++;
	if (pread(fd, &c, 1, at) != -1 || errno != EIO || pwrite(fd, &c, 1, at) != -1 || errno != EIO)
		bad++;
}

int main(void)
{
	static struct { unsigned long start, end, stack; } maps[512];
	int n = 0;
	fd = must(open("/proc/self/mem", O_RDWR), "open");
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	while (n < 512 && fgets(line, sizeof line, f)) {
		if (strstr(line, "[vsyscall]"))
			continue;
		sscanf(line, "%lx-%lx", &maps[n].start, &maps[n].end);
		maps[n++].stack = !!strstr(line, "[stack]"); // it grows when it is asked for
	}
	check(n > 5 && n < 512, "mappings");
	for (int i = 1; i < n; i++) {
		unsigned long start = maps[i - 1].end, end = maps[i].start;
		for (unsigned long d = PAGE; start < end && !maps[i].stack && d <= end - start; d *= 2) {
			nothing_at(start + d - PAGE);
			nothing_at(end - d);
			nothing_at(start + d * 3 / 2 % (end - start));
		}
		for (unsigned long d = 0; start < end && !maps[i].stack && d < end - start && d < 2UL << 30; d += 64 << 20)
			nothing_at(end - PAGE - d);
		for (unsigned long at = (start | 0xfffffffff) + 1; at < end && !maps[i].stack; at += 1UL << 36)
			nothing_at(at);
	}
	check(tried > 60, "places");
	check(!bad, "nothing there");
	// A read that begins in a mapping ends with it.
	int over = 0;
	for (int i = 0; i + 1 < n; i++) {
		char buf[64];
		if (maps[i].end < maps[i + 1].start && pread(fd, buf, 64, maps[i].end - 16) > 16)
			over++;
	}
	check(!over, "ends of mappings");
}
