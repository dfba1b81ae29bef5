package syscalls

const nrIoctl = 16

const (
	openNonblock   = 0x800    // O_NONBLOCK
	openPath       = 0x200000 // O_PATH
	spliceNonblock = 2        // SPLICE_F_NONBLOCK: for tee and vmsplice, which know pipes only
	rwfNowait      = 8        // RWF_NOWAIT
)

// fileRows are calls on open files.
var fileRows = []Row{
	sleeps(0, "read", result(1, 2)),
	sleeps(1, "write").note("to /proc/PID/mem changes memory: see record/memfile.go"),
	sleeps(2, "open").unless(1, openNonblock).unless(1, openPath).note("of a FIFO or a terminal waits for the other side, of a leased file for the holder"),
	sleeps(3, "close").note("waits for data to be sent after SO_LINGER"),
	data(5, "fstat", fixed(1, 144)),
	data(8, "lseek"),
	many(nrIoctl, "ioctl", Unmodelled, 1, ioctlCommands),
	sleeps(17, "pread64", result(1, 2)),
	sleeps(18, "pwrite64"),
	sleeps(19, "readv", of(OutIovec, 1, 2)),
	sleeps(20, "writev"),
	data(22, "pipe", fixed(0, 8)),
	data(32, "dup"),
	sleeps(33, "dup2"),
	row(40, "sendfile", Data, blocks|slow, fixed(2, 8)),
	many(72, "fcntl", Unmodelled, 1, fcntlCommands),
	sleeps(73, "flock").unless(1, 4).unless(1, 8).note("LOCK_NB and LOCK_UN do not wait"),
	sleeps(74, "fsync"),
	sleeps(75, "fdatasync"),
	sleeps(77, "ftruncate"),
	data(78, "getdents", result(1, 2).len32().sparse()),
	data(81, "fchdir"),
	sleeps(85, "creat"),
	data(91, "fchmod"),
	data(93, "fchown"),
	data(138, "fstatfs", fixed(1, 120)),
	data(187, "readahead"),
	data(190, "fsetxattr"),
	data(193, "fgetxattr", result(2, 3)),
	data(196, "flistxattr", result(1, 2)),
	data(199, "fremovexattr"),
	data(217, "getdents64", result(1, 2).len32().sparse()),
	data(221, "fadvise64"),
	row(275, "splice", Data, blocks|slow, fixed(1, 8), fixed(3, 8)),
	row(276, "tee", Data, blocks|slow).unless(3, spliceNonblock),
	sleeps(277, "sync_file_range"),
	// vmsplice fills the buffers where the descriptor is a pipe's read end,
	// and only reads them otherwise.
	sleeps(278, "vmsplice", of(OutIovec, 1, 2).inPlace()).unless(3, spliceNonblock),
	data(285, "fallocate"),
	sleeps(292, "dup3"),
	data(293, "pipe2", fixed(0, 8)),
	sleeps(295, "preadv", of(OutIovec, 1, 2)),
	sleeps(296, "pwritev"),
	sleeps(306, "syncfs"),
	data(319, "memfd_create"),
	row(326, "copy_file_range", Data, blocks|slow, fixed(1, 8), fixed(3, 8)),
	sleeps(327, "preadv2", of(OutIovec, 1, 2)).unless(5, rwfNowait),
	sleeps(328, "pwritev2").unless(5, rwfNowait),
	sleeps(436, "close_range"),
	data(451, "cachestat", fixed(2, 40)),
}
