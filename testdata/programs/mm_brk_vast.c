// A heap that grows past what would be a recorder's memory beside a program at a fixed, low address.
// flags: -no-pie
#include "prog.h"

static char *brk_to(char *p)
{
	return (char *)syscall(SYS_brk, p);
}

int main(void)
{
	static char buffer[8192]; // keeps malloc away from the break
	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	char *start = brk_to(0);
	size_t step = 100ul << 20;
	long sum = 0;
	for (int i = 1; i <= 20; i++) {
		if (brk_to(start + i * step) != start + i * step)
			printf("refused at %d\n", i);
		start[i * step - 1] = i;
		start[i * step - step / 2] = i;
	}
	for (int i = 1; i <= 20; i++)
		sum += start[i * step - 1] * start[i * step - step / 2];
	printf("%ld\n", sum);
	check(brk_to(start + PAGE) == start + PAGE, "shrunk");
	check(brk_to(start + 10 * step) == start + 10 * step, "again");
	printf("%d\n", start[10 * step - 1]);
	return 0;
}
