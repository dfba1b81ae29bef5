// getrandom, /dev/urandom and AT_RANDOM: sizes right, bytes not constant.
#include "prog.h"
#include <sys/auxv.h>
#include <sys/random.h>

int main(void)
{
	unsigned char a[300] = {0}, b[300] = {0};
	result("getrandom", getrandom(a, sizeof a, 0));
	result("getrandom", getrandom(b, sizeof b, GRND_NONBLOCK));
	check(memcmp(a, b, sizeof a), "differ");
	int n = 0;
	for (int i = 0; i < 300; i++)
		n += a[i] == 0;
	check(n < 20, "few zero bytes");
	memset(b, 0, sizeof b);
	result("getrandom of 10", getrandom(b, 10, 0));
	check(!b[10] && !b[11], "no more than asked for");
	int fd = must(open("/dev/urandom", O_RDONLY), "open");
	result("read", read(fd, b, sizeof b));
	check(memcmp(a, b, sizeof a), "differ");
	check(getauxval(AT_RANDOM) != 0, "AT_RANDOM");
	result("bad flags", getrandom(a, 1, 0x80));
	srand(a[0]);
}
