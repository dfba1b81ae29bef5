// Calls that fail: unknown numbers, bad pointers, bad descriptors.
#include "prog.h"
#include <sys/socket.h>
#include <sys/stat.h>

int main(void)
{
	char *bad = (char *)1, *none = pages(1, PROT_NONE), *ro = pages(1, PROT_READ);
	int p[2];
	must(pipe(p), "pipe");
	write(p[1], "abcdef", 6);
	result("unknown call", syscall(9999));
	result("negative call", syscall(-1));
	result("unused number", syscall(400));
	result("read bad", read(p[0], bad, 1));
	result("read none", read(p[0], none, 1));
	result("read read-only", read(p[0], ro, 1));
	result("still there", read(p[0], (char[8]){0}, 8));
	result("write bad", write(p[1], bad, 1));
	result("open bad", open(bad, O_RDONLY));
	result("open null", syscall(SYS_open, 0, O_RDONLY));
	result("stat bad", stat("/", (void *)bad));
	result("uname bad", syscall(SYS_uname, bad));
	result("pipe bad", syscall(SYS_pipe, none));
	result("clock_gettime bad", syscall(SYS_clock_gettime, 0, none));
	result("getsockname bad", getsockname(p[0], (void *)none, (void *)none));
	result("read closed", read(888, none, 1));
	result("read zero bytes", read(p[0], bad, 0));
	result("mmap unaligned", mmap((void *)1, PAGE, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
	result("munmap unaligned", munmap((void *)1, PAGE));
	result("mprotect nothing", mprotect(ro + 1, 1, PROT_READ));
	result("sigaction of SIGKILL", syscall(SYS_rt_sigaction, SIGKILL, ro, 0, 8));
	result("kill nobody", kill(0x7ffffff0, 0));
	result("execve missing", execve("/nonexistent", (char *[]){"x", 0}, 0));
	result("wait without child", wait(0));
}
