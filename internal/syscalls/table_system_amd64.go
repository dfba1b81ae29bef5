package syscalls

import "syscall"

// systemRows are calls on the machine, the kernel and its subsystems.
var systemRows = []Row{
	data(63, "uname", fixed(0, 390)),
	data(99, "sysinfo", fixed(0, 112)),
	sleeps(103, "syslog", result(1, 2).len32()),
	row(139, "sysfs", Unmodelled, 0).note("option 2 writes a string of unknown length"),
	data(153, "vhangup"),
	data(163, "acct"),
	data(167, "swapon"),
	data(168, "swapoff"),
	data(169, "reboot"),
	data(170, "sethostname"),
	data(171, "setdomainname"),
	refused(172, "iopl", syscall.EPERM, "port I/O"),
	refused(173, "ioperm", syscall.EPERM, "port I/O"),
	data(175, "init_module"),
	data(176, "delete_module"),
	row(179, "quotactl", Unmodelled, 0),
	refused(206, "io_setup", syscall.ENOSYS, asyncIO),
	refused(207, "io_destroy", syscall.ENOSYS, asyncIO),
	refused(208, "io_getevents", syscall.ENOSYS, asyncIO),
	refused(209, "io_submit", syscall.ENOSYS, asyncIO),
	refused(210, "io_cancel", syscall.ENOSYS, asyncIO),
	data(246, "kexec_load"),
	data(248, "add_key"),
	sleeps(249, "request_key"),
	row(250, "keyctl", Unmodelled, blocks),
	// As with sched_setattr: the known size of struct perf_event_attr, with E2BIG.
	data(298, "perf_event_open", fixed(0, 4).at(4).always().lax()).
		note("its ring buffer is memory shared with the kernel"),
	data(313, "finit_module"),
	data(318, "getrandom", result(0, 1)),
	data(320, "kexec_file_load"),
	row(321, "bpf", Unmodelled, 0),
	refused(333, "io_pgetevents", syscall.ENOSYS, asyncIO),
	refused(425, "io_uring_setup", syscall.ENOSYS, asyncIO),
	refused(426, "io_uring_enter", syscall.ENOSYS, asyncIO),
	refused(427, "io_uring_register", syscall.ENOSYS, asyncIO),
	row(443, "quotactl_fd", Unmodelled, 0),
}

const asyncIO = "the kernel would write to memory at any time"

// absentRows have numbers, but no x86-64 kernel of today implements them: they
// return ENOSYS by themselves. Kernels before 5.16 could still have uselib.
var absentRows = []Row{
	refused(134, "uselib", syscall.ENOSYS, "maps a.out libraries"),
	data(156, "_sysctl"),
	data(174, "create_module"),
	data(177, "get_kernel_syms"),
	data(178, "query_module"),
	data(180, "nfsservctl"),
	data(181, "getpmsg"),
	data(182, "putpmsg"),
	data(183, "afs_syscall"),
	data(184, "tuxcall"),
	data(185, "security"),
	data(205, "set_thread_area"),
	data(211, "get_thread_area"),
	data(212, "lookup_dcookie", result(1, 2)),
	data(214, "epoll_ctl_old"),
	data(215, "epoll_wait_old"),
	data(236, "vserver"),
}
