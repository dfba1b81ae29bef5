// io_uring and the older aio: used if there, else the program falls back; the result is the same.
#include "prog.h"
#include <linux/aio_abi.h>
#include <linux/io_uring.h>

int main(void)
{
	char buf[16] = {0};
	int fd = tmpfile_fd("asynchronous", 12);
	struct io_uring_params params = {0};
	int ring = syscall(SYS_io_uring_setup, 4, &params);
	check(ring >= 0 || errno == ENOSYS || errno == EPERM, "io_uring_setup");
	aio_context_t ctx = 0;
	long r = syscall(SYS_io_setup, 4, &ctx);
	if (r == 0) {
		struct iocb cb = {.aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_buf = (uintptr_t)buf, .aio_nbytes = 12};
		struct iocb *list[] = {&cb};
		struct io_event ev;
		check(syscall(SYS_io_submit, ctx, 1, list) == 1, "io_submit or its stand-in");
		check(syscall(SYS_io_getevents, ctx, 1, 1, &ev, 0) == 1 && ev.res == 12, "io_getevents or its stand-in");
		syscall(SYS_io_destroy, ctx);
	} else {
		check(errno == ENOSYS, "io_submit or its stand-in");
		check(pread(fd, buf, 12, 0) == 12, "io_getevents or its stand-in");
	}
	printf("[%s]\n", buf);
}
