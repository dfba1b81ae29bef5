// flags: -lutil
// Terminal ioctls on a pseudo-terminal: attributes, raw and cooked input, window size, flow, hang-up.
#include "prog.h"
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
	int m, s, n;
	char buf[100] = {0};
	struct termios t;
	struct winsize w = {24, 80};
	must(openpty(&m, &s, 0, 0, &w), "openpty");
	check(isatty(s) && !isatty(tmpfile_fd("", 0)), "isatty");
	tcgetattr(s, &t);
	printf("canonical %d echo %d\n", !!(t.c_lflag & ICANON), !!(t.c_lflag & ECHO));
	write(m, "line one\nrest", 13);
	result("a line", read(s, buf, sizeof buf));
	printf("[%.8s]\n", buf);
	result("echo", read(m, buf, sizeof buf));
	write(m, "\025new\n", 5); // Ctrl-U
	result("killed", read(s, buf, sizeof buf));
	printf("[%.3s]\n", buf);
	cfmakeraw(&t);
	result("tcsetattr", tcsetattr(s, TCSAFLUSH, &t));
	write(m, "raw\003", 4);
	struct pollfd p = {s, POLLIN};
	poll(&p, 1, -1);
	ioctl(s, FIONREAD, &n);
	printf("FIONREAD %d\n", n);
	result("raw", read(s, buf, sizeof buf));
	result("TIOCGWINSZ", ioctl(m, TIOCGWINSZ, &w));
	printf("%d x %d\n", w.ws_row, w.ws_col);
	w.ws_col = 132;
	ioctl(m, TIOCSWINSZ, &w), ioctl(s, TIOCGWINSZ, &w);
	printf("%d x %d\n", w.ws_row, w.ws_col);
	result("tcflush", tcflush(s, TCIOFLUSH));
	result("tcdrain", tcdrain(s));
	printf("speed %d\n", cfgetospeed(&t) == B38400);
	check(!strcmp(ptsname(m), ttyname(s)), "names");
	close(s);
	result("hung up", read(m, buf, 1));
	result("not a terminal", tcgetattr(tmpfile_fd("", 0), &t));
}
