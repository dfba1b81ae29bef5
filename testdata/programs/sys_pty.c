// flags: -lutil
// A pseudo-terminal: termios, window size, echo, line editing, signals off.
#include "prog.h"
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
	int m, s, n = -1, num = -1;
	char buf[64] = {0};
	struct winsize ws = {.ws_row = 24, .ws_col = 80}, got = {0};
	struct termios t;
	must(openpty(&m, &s, 0, 0, &ws), "openpty");
	result("TIOCGWINSZ", ioctl(s, TIOCGWINSZ, &got));
	printf("%dx%d\n", got.ws_row, got.ws_col);
	got.ws_col = 132;
	result("TIOCSWINSZ", ioctl(m, TIOCSWINSZ, &got));
	memset(&got, 0, sizeof got);
	must(ioctl(s, TIOCGWINSZ, &got), "TIOCGWINSZ");
	printf("%dx%d\n", got.ws_row, got.ws_col);
	check(ioctl(m, TIOCGPTN, &num) == 0 && num >= 0, "TIOCGPTN");
	result("TCGETS", tcgetattr(s, &t));
	printf("canonical %d echo %d eof %d\n", !!(t.c_lflag & ICANON), !!(t.c_lflag & ECHO), t.c_cc[VEOF]);
	result("isatty", isatty(s));
	result("write to master", write(m, "abX\177c\n", 6));
	poll(&(struct pollfd){s, POLLIN}, 1, 1000); // a line goes through the kernel's work queue
	result("FIONREAD", ioctl(s, FIONREAD, &n));
	printf("n %d\n", n);
	result("read line", read(s, buf, sizeof buf));
	printf("[%s]", buf);
	for (n = 0; n < 9;) // the echo, with BS SP BS for the erased character
		n += must(read(m, buf + n, 9 - n), "read");
	check(!memcmp(buf, "abX\b \bc\r\n", 9), "echo");
	cfmakeraw(&t);
	result("TCSETS", tcsetattr(s, TCSANOW, &t));
	result("write raw", write(s, "raw\n", 4));
	memset(buf, 0, sizeof buf);
	result("read raw", read(m, buf, sizeof buf));
	printf("[%s]", buf);
	result("TCGETS of a pipe", (pipe((int[2]){0}), ioctl(open("/dev/null", O_RDONLY), TCGETS, &t)));
	result("TIOCGPGRP without session", ioctl(s, TIOCGPGRP, &n));
	close(s);
	result("read after close", read(m, buf, sizeof buf));
}
