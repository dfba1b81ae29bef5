// Calls that fail after they have written: a pair of sockets, a timer, states of pages.
#include "prog.h"
#include <sys/socket.h>
#include <time.h>

static unsigned char out[64];

static void tell(const char *what, long result)
{
	int written = 0, err = errno;
	for (unsigned i = 0; i < sizeof out; i++)
		written += out[i] != 0xaa;
	printf("%s: %s, %d bytes\n", what, result < 0 ? strerrorname_np(err) : "done", written);
	memset(out, 0xaa, sizeof out);
}

int main(void)
{
	memset(out, 0xaa, sizeof out);
	tell("no family", syscall(SYS_socketpair, -1, SOCK_STREAM, 0, out));
	tell("no protocol", syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, -1, out));
	tell("not in pairs", syscall(SYS_socketpair, AF_INET, SOCK_STREAM, 0, out));
	tell("clock of no process", syscall(SYS_timer_create, ~999999u << 3 | 2, 0, out));
	tell("no clock", syscall(SYS_timer_create, 77, 0, out));

	char *pages = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pages[0] = pages[2 * PAGE] = 1;
	void *which[] = {pages, pages + PAGE, pages + 2 * PAGE};
	tell("no node", syscall(SYS_move_pages, 0, 3, which, (int[]){0, 0, 99}, out, 2));
}
