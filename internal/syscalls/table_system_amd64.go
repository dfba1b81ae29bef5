package syscalls

import "syscall"

// systemRows are calls on the machine, the kernel and its subsystems.
var systemRows = []Row{
	data(63, "uname", fixed(0, 390)),
	data(99, "sysinfo", fixed(0, 112)),
	many(103, "syslog", Data, 0, syslogCommands),
	many(139, "sysfs", Data, 0, sysfsCommands),
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
	quota(179, "quotactl", 0),
	refused(206, "io_setup", syscall.ENOSYS, asyncIO),
	refused(207, "io_destroy", syscall.ENOSYS, asyncIO),
	refused(208, "io_getevents", syscall.ENOSYS, asyncIO),
	refused(209, "io_submit", syscall.ENOSYS, asyncIO),
	refused(210, "io_cancel", syscall.ENOSYS, asyncIO),
	data(246, "kexec_load"),
	data(248, "add_key"),
	sleeps(249, "request_key"),
	many(250, "keyctl", Unmodelled, 0, keyctlCommands),
	// As with sched_setattr: the known size of struct perf_event_attr, with E2BIG.
	data(298, "perf_event_open", fixed(0, 4).at(4).always().lax()).
		note("its ring buffer is memory shared with the kernel"),
	data(313, "finit_module"),
	data(318, "getrandom", result(0, 1)),
	data(320, "kexec_file_load"),
	many(321, "bpf", Unmodelled, 0, bpfCommands).note("maps can be memory shared with the kernel"),
	refused(333, "io_pgetevents", syscall.ENOSYS, asyncIO),
	refused(425, "io_uring_setup", syscall.ENOSYS, asyncIO),
	refused(426, "io_uring_enter", syscall.ENOSYS, asyncIO),
	refused(427, "io_uring_register", syscall.ENOSYS, asyncIO),
	quota(443, "quotactl_fd", 1),
}

const asyncIO = "the kernel would write to memory at any time"

// absentRows have numbers, but no x86-64 kernel of today implements them: they
// return ENOSYS by themselves. Kernels before 5.16 could still have uselib.
var absentRows = []Row{
	refused(134, "uselib", syscall.ENOSYS, "maps a.out libraries"),
	absent(156, "_sysctl"),
	absent(174, "create_module"),
	absent(177, "get_kernel_syms"),
	absent(178, "query_module"),
	absent(180, "nfsservctl"),
	absent(181, "getpmsg"),
	absent(182, "putpmsg"),
	absent(183, "afs_syscall"),
	absent(184, "tuxcall"),
	absent(185, "security"),
	absent(205, "set_thread_area"),
	absent(211, "get_thread_area"),
	data(212, "lookup_dcookie", result(1, 2)).note("gone with Linux 6.7"),
	absent(214, "epoll_ctl_old"),
	absent(215, "epoll_wait_old"),
	absent(236, "vserver"),
}

func absent(nr int, name string) Row { return data(nr, name).note("ENOSYS") }
